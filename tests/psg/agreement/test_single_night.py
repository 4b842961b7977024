"""The interval of the kappa of a single night, compared with other ways to compute it."""

import numpy as np
import pytest

from psg.agreement import mean_pair_kappa, pair_tables
from psg.agreement.single_night import mean_error, night_kappa_interval, pair_influence
from psg.stages import STAGES

EPOCHS = 960


def made_night(seed: int, scorers: int = 2) -> np.ndarray:
    """Stages in stretches, and scorers who err in stretches; (n_epochs, n_scorers)."""
    drawn = np.random.default_rng(seed)
    truth = np.repeat(drawn.integers(0, 5, EPOCHS // 16), 16)
    errs = [np.repeat(drawn.random(EPOCHS // 8) < 0.2, 8) for _ in range(scorers)]
    other = drawn.integers(0, 5, (scorers, EPOCHS))
    return np.stack([np.where(e, o, truth) for e, o in zip(errs, other, strict=True)], axis=1)


def mean_kappa(codes: np.ndarray) -> float:
    return float(mean_pair_kappa(pair_tables(codes, len(STAGES))))


def test_it_equals_a_bootstrap_of_moving_blocks():
    codes, drawn = made_night(1, scorers=3), np.random.default_rng(2)
    low, high = night_kappa_interval(codes)
    block = 80
    wrapped = np.concatenate([codes, codes[:block]])
    kappas = [
        mean_kappa(np.concatenate([wrapped[s : s + block] for s in drawn.integers(0, EPOCHS, 12)]))
        for _ in range(2000)
    ]
    # Student's t with 11 degrees of freedom, and the correction for the mean of few blocks.
    expected = 2.201 * np.std(kappas) * np.sqrt(12 / 11)
    assert (high - low) / 2 == pytest.approx(expected, rel=0.06)
    assert (low + high) / 2 == pytest.approx(mean_kappa(codes))


def test_with_blocks_of_one_epoch_it_is_the_error_of_fleiss_cohen_and_everitt():
    a, b = made_night(3).T
    kappa, influence = pair_influence(a, b)
    p = np.zeros((5, 5))
    np.add.at(p, (a, b), 1 / EPOCHS)
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    chance = rows @ columns
    on = sum(p[i, i] * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in range(5))
    off = (1 - kappa) ** 2 * sum(
        p[i, j] * (columns[i] + rows[j]) ** 2 for i in range(5) for j in range(5) if i != j
    )
    variance = on + off - (kappa - chance * (1 - kappa)) ** 2
    published = np.sqrt(variance / EPOCHS) / (1 - chance)
    assert mean_error(influence, 1) == pytest.approx(published, rel=0.001)
    assert influence.mean() == pytest.approx(0, abs=1e-12)


def test_errors_in_stretches_make_it_wider_than_errors_here_and_there():
    codes = made_night(4)
    low, high = night_kappa_interval(codes)
    mixed = np.random.default_rng(5).permutation(codes)
    assert mean_kappa(mixed) == pytest.approx(mean_kappa(codes))
    narrow = night_kappa_interval(mixed)
    assert high - low > 1.5 * (narrow[1] - narrow[0])


def test_unscored_epochs_are_left_out_pair_by_pair():
    codes = made_night(6, scorers=3)
    codes[100:300, 1] = -1
    low, high = night_kappa_interval(codes)
    assert low < mean_kappa(codes) < high


@pytest.mark.parametrize(
    "codes",
    [
        made_night(7)[:239],
        np.repeat(made_night(7)[:, :1], 2, axis=1),
        np.zeros((EPOCHS, 2), dtype=int),
        np.full((EPOCHS, 2), -1),
        made_night(7)[:, :1],
        np.zeros((0, 2), dtype=int),
    ],
    ids=["short", "no difference", "a single stage", "unscored", "a single scorer", "empty"],
)
def test_where_nothing_can_be_concluded_there_is_none(codes):
    assert np.isnan(night_kappa_interval(codes)).all()
