import numpy as np
import pytest

from psg.agreement import cohen_kappa, mean_pairwise_kappa
from psg.epochs import EpochGrid
from psg.simulate import SimulatedEvent, SimulatedNight, scorer_labels
from psg.simulate.scorers import slow_wave_shares
from psg.stages import Stage


@pytest.fixture(scope="module")
def experts(night: SimulatedNight) -> list[list[Stage | None]]:
    return [scorer_labels(night, seed) for seed in range(1, 7)]


def test_experts_agree_with_the_reference_as_experts_do(night: SimulatedNight, experts):
    kappas = [cohen_kappa(night.stages, expert) for expert in experts]
    assert all(0.7 < kappa < 0.93 for kappa in kappas)
    assert 0.75 < np.mean(kappas) < 0.9


def test_experts_agree_with_each_other_as_experts_do(experts):
    # Danker-Hopfe et al. 2009: kappa 0.76 by the AASM rules.
    assert 0.68 < mean_pairwise_kappa(experts) < 0.86


def test_the_same_scorer_seed_gives_the_same_labels(night: SimulatedNight, experts):
    assert scorer_labels(night, 1) == experts[0]
    assert experts[0] != experts[1]


def test_experts_differ_most_at_changes_of_stage(night: SimulatedNight, experts):
    changes = np.array([a is not b for a, b in zip(night.stages, night.stages[1:], strict=False)])
    near = np.concatenate([[False], changes]) | np.concatenate([changes, [False]])
    wrong = np.mean(
        [[a is not b for a, b in zip(night.stages, expert, strict=True)] for expert in experts],
        axis=0,
    )
    assert wrong[near].mean() > 2 * wrong[~near].mean()


def test_n1_is_the_hardest_stage_to_agree_on(night: SimulatedNight, experts):
    def hits(stage: Stage) -> float:
        places = [place for place, true in enumerate(night.stages) if true is stage]
        return float(np.mean([expert[place] is stage for expert in experts for place in places]))

    assert min(Stage, key=hits) is Stage.N1


def test_only_waves_over_the_criterion_count_towards_n3():
    grid = EpochGrid(epoch0_s=10.0, epoch_count=3)
    events = [
        SimulatedEvent("slow_wave", "F4-M1", 38.0, 42.0, {"peak_to_peak_uv": 80.0}),
        SimulatedEvent("slow_wave", "F4-M1", 50.0, 56.0, {"peak_to_peak_uv": 70.0}),
        SimulatedEvent("spindle", "C4-M1", 60.0, 61.0, {"peak_to_peak_uv": 90.0}),
    ]
    share = 2 / 30
    expected = [0.8 * share + 0.2 * share, 0.6 * share + 0.2 * share, 0.2 * share]
    np.testing.assert_allclose(slow_wave_shares(events, grid), expected)
