"""Architecture of many nights against published ranges; no signals are made."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from psg.simulate.draws import component_rng
from psg.simulate.stageprocess import StageTimeline, draw_timeline
from psg.simulate.subject import draw_subject

NIGHT_S = 8 * 3600
W, N1, N2, N3, R = range(5)


@pytest.fixture(scope="module")
def timelines() -> list[StageTimeline]:
    return [
        draw_timeline(
            component_rng(seed, "stages"), draw_subject(component_rng(seed, "subject")), NIGHT_S
        )
        for seed in range(40)
    ]


def by_majority(timeline: StageTimeline) -> NDArray[np.int64]:
    starts = np.arange(0, NIGHT_S, 30)
    return np.array([timeline.shares(start, start + 30).argmax() for start in starts])


@pytest.fixture(scope="module")
def hypnograms(timelines: list[StageTimeline]) -> list[NDArray[np.int64]]:
    return [by_majority(timeline) for timeline in timelines]


def test_runs_cover_the_night_without_gaps(timelines: list[StageTimeline]):
    for timeline in timelines:
        assert timeline.runs[0].start_s == 0
        assert timeline.runs[-1].end_s == NIGHT_S
        for run, following in zip(timeline.runs, timeline.runs[1:], strict=False):
            assert run.end_s == following.start_s
            assert run.stage is not following.stage


def test_stages_change_between_epoch_borders(timelines: list[StageTimeline]):
    phases = np.concatenate([timeline.starts_s[1:] for timeline in timelines]) % 30
    counts = np.histogram(phases, bins=6, range=(0, 30))[0]
    assert counts.min() > 0.75 * counts.mean()


def test_shares_of_sleep_are_those_of_healthy_adults(hypnograms: list[NDArray[np.int64]]):
    # Ohayon et al. 2004 and Boulos et al. 2019: N1 5-10, N2 45-58, N3 12-22, R 18-25 %.
    shares = np.mean(
        [np.bincount(h[h != W], minlength=5)[1:] / (h != W).sum() for h in hypnograms], axis=0
    )
    for share, low, high in zip(
        shares, (0.05, 0.45, 0.12, 0.18), (0.11, 0.58, 0.22, 0.25), strict=True
    ):
        assert low < share < high


def test_efficiency_and_latencies_are_those_of_healthy_adults(
    hypnograms: list[NDArray[np.int64]],
):
    efficiency = np.mean([(h != W).mean() for h in hypnograms])
    onset = np.array([np.argmax(h != W) for h in hypnograms])
    first_rem = np.array([np.argmax(h == R) for h in hypnograms])
    assert 0.84 < efficiency < 0.94
    assert 5 < np.mean(onset) / 2 < 20
    assert 70 < np.mean(first_rem - onset) / 2 < 110


def test_deep_sleep_comes_early_and_rem_sleep_late(hypnograms: list[NDArray[np.int64]]):
    halves = np.array([h.reshape(2, -1) for h in hypnograms])
    deep = (halves == N3).sum(axis=(0, 2))
    rem = (halves == R).sum(axis=(0, 2))
    assert deep[0] > 2 * deep[1]
    assert rem[1] > 1.5 * rem[0]


def test_stages_change_ten_to_twenty_times_an_hour(hypnograms: list[NDArray[np.int64]]):
    per_hour = [np.count_nonzero(np.diff(h)) / 8 for h in hypnograms]
    assert 9 < np.mean(per_hour) < 20
    assert min(per_hour) > 4


def test_wakefulness_does_not_turn_into_deep_or_rem_sleep_at_once(
    hypnograms: list[NDArray[np.int64]],
):
    counts = transition_counts(hypnograms)
    from_wake = counts[W] / counts[W].sum()
    assert from_wake[N3] < 0.01
    assert from_wake[R] < 0.05


def transition_counts(hypnograms: list[NDArray[np.int64]]) -> NDArray[np.float64]:
    counts = np.zeros((5, 5))
    for hypnogram in hypnograms:
        before, after = hypnogram[:-1], hypnogram[1:]
        scored = (before >= 0) & (after >= 0)
        np.add.at(counts, (before[scored], after[scored]), 1)
    return counts


@pytest.mark.real_data
def test_stages_hold_and_change_as_in_twenty_five_real_nights(
    hypnograms: list[NDArray[np.int64]], real_data: Path
):
    files = sorted((real_data / "dod-h" / "scorer_1").glob("*.json"))
    real = transition_counts([np.array(json.loads(file.read_text())) for file in files])
    simulated = transition_counts(hypnograms)
    real /= real.sum(axis=1, keepdims=True)
    simulated /= simulated.sum(axis=1, keepdims=True)
    assert len(files) == 25
    assert np.abs(simulated - real).max() < 0.15
