"""A night's stages: bouts, transitions, and sleep statistics.

An unscored epoch is ``None``. It is no stage: it starts and ends bouts, and no transition leads
into it, out of it, or across it. Sleep statistics follow the AASM definitions (Iber et al. 2007).
Its time in bed is the AASM's total recording time, lights off to lights on. Two figures are known
as wake after sleep onset elsewhere: here ``waso_min`` is the AASM's, up to lights on, and
``wake_in_spt_min`` the one up to the last sleep, which yasa calls WASO. Unscored time counts as
time in bed and as nothing else, so its share is given beside the other figures:
``tib_min = sol_min + tst_min + waso_min + unscored_min`` wherever the sleep latency is known.
A statistic that cannot be known is ``None``, never 0: the latency of a stage that did not occur,
or a latency that an unscored epoch makes uncertain, or anything of an unscored night.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from psg.stages import EPOCH_S, STAGES, UNSCORED_CODE, Stage, stage_codes

Stages = Sequence[Stage | None]
Codes = NDArray[np.int8]


@dataclass(frozen=True)
class Bout:
    """A run of epochs with the same stage, or of unscored epochs."""

    stage: Stage | None
    first: int
    epoch_count: int

    @property
    def end(self) -> int:
        """The epoch after the last."""
        return self.first + self.epoch_count


@dataclass(frozen=True)
class Transition:
    """A change of stage; ``epoch`` is the first of the new stage."""

    epoch: int
    before: Stage
    after: Stage


def bouts(stages: Stages) -> list[Bout]:
    runs: list[Bout] = []
    first = 0
    for stage, run in groupby(stages):
        count = len(list(run))
        runs.append(Bout(stage, first, count))
        first += count
    return runs


def transitions(stages: Stages) -> list[Transition]:
    changes = []
    for epoch in range(1, len(stages)):
        before, after = stages[epoch - 1], stages[epoch]
        if before is not None and after is not None and before != after:
            changes.append(Transition(epoch, before, after))
    return changes


def transition_epochs(stages: Stages) -> NDArray[np.bool_]:
    """Mark the epochs on both sides of every change of stage; (n_epochs,).

    Scorers disagree most here, so results are reported with and without these epochs.
    """
    marked = np.zeros(len(stages), dtype=bool)
    for transition in transitions(stages):
        marked[transition.epoch - 1 : transition.epoch + 1] = True
    return marked


def transition_counts(stages: Stages) -> NDArray[np.int64]:
    """Count steps from stage (rows) to stage (columns), staying included; (5, 5)."""
    codes = stage_codes(stages).astype(np.int64)
    before, after = codes[:-1], codes[1:]
    both = (before != UNSCORED_CODE) & (after != UNSCORED_CODE)
    cells = before[both] * len(STAGES) + after[both]
    counts = np.bincount(cells, minlength=len(STAGES) ** 2)
    return counts.reshape(len(STAGES), len(STAGES))


def stage_counts(stages: Stages) -> dict[Stage, int]:
    """Epochs of every stage, absent ones as 0; unscored epochs are not in it."""
    return {stage: sum(1 for given in stages if given == stage) for stage in STAGES}


# Sleep statistics of a scored night.

EPOCH_MIN = EPOCH_S / 60
SLEEP_STAGES = tuple(stage for stage in STAGES if stage is not Stage.W)
_WAKE = STAGES.index(Stage.W)
"""Codes of sleep stages are larger."""


@dataclass(frozen=True)
class SleepStatistics:
    """Minutes and percentages of a night; ``None`` reads "none".

    Attributes
    ----------
    tib_min
        Time in bed: lights off to lights on; without marks, first to last scored epoch.
    spt_min
        Sleep period: first to last epoch of sleep.
    tst_min
        Total sleep time.
    waso_min
        Wake after sleep onset: from the first epoch of sleep to lights on, the last waking
        included. Without unscored epochs this is ``tib_min - sol_min - tst_min``.
    wake_in_spt_min
        Wake inside the sleep period.
    se_pct, sme_pct
        Sleep efficiency and sleep maintenance efficiency: sleep as a share of time in bed and
        of the sleep period.
    sol_min
        Sleep onset latency: from lights off to the first epoch of sleep.
    latencies_min
        For every sleep stage, from sleep onset (not from lights off) to its first epoch.
    stage_min, stage_pct
        Minutes of each stage; percentage of total sleep time of each sleep stage.
    unscored_min, unscored_pct
        Unscored time between the lights, and its share of the time in bed.
    """

    tib_min: float | None
    spt_min: float | None
    tst_min: float | None
    waso_min: float | None
    wake_in_spt_min: float | None
    se_pct: float | None
    sme_pct: float | None
    sol_min: float | None
    latencies_min: dict[Stage, float | None]
    stage_min: dict[Stage, float | None]
    stage_pct: dict[Stage, float | None]
    unscored_min: float
    unscored_pct: float | None

    @property
    def rem_latency_min(self) -> float | None:
        return self.latencies_min[Stage.R]


def sleep_statistics(
    stages: Sequence[Stage | None],
    *,
    lights_off_s: float | None = None,
    lights_on_s: float | None = None,
) -> SleepStatistics:
    """Compute the statistics of a night.

    Parameters
    ----------
    stages
        The stage of each epoch, ``None`` where unscored.
    lights_off_s, lights_on_s
        Seconds from the start of the first epoch. An epoch belongs to the night when its middle
        lies between them. Without marks, the scored part is taken as the time in bed.
    """
    return statistics_of_codes(
        stage_codes(stages), lights_off_s=lights_off_s, lights_on_s=lights_on_s
    )


def statistics_of_codes(
    codes: Codes, *, lights_off_s: float | None = None, lights_on_s: float | None = None
) -> SleepStatistics:
    """Compute the same from (n_epochs,) stage codes, -1 where unscored: for many nights."""
    window = _window(codes, lights_off_s, lights_on_s)
    counts = _counts(window)
    if counts.sum() == 0:
        return _not_scored(len(window) * EPOCH_MIN)
    asleep = np.flatnonzero(window > _WAKE)
    period = window[asleep[0] : asleep[-1] + 1] if len(asleep) else window[:0]
    since_onset = window[asleep[0] :] if len(asleep) else window[:0]
    tst_min = len(asleep) * EPOCH_MIN
    stage_min = {stage: int(count) * EPOCH_MIN for stage, count in zip(STAGES, counts, strict=True)}
    unscored_min = (len(window) - int(counts.sum())) * EPOCH_MIN
    return SleepStatistics(
        tib_min=len(window) * EPOCH_MIN,
        spt_min=len(period) * EPOCH_MIN if len(period) else None,
        tst_min=tst_min,
        waso_min=_wake_min(since_onset) if len(asleep) else None,
        wake_in_spt_min=_wake_min(period) if len(asleep) else None,
        se_pct=_percent(tst_min, len(window) * EPOCH_MIN),
        sme_pct=_percent(tst_min, len(period) * EPOCH_MIN),
        sol_min=_latency(window, window > _WAKE),
        latencies_min={s: _latency(period, period == STAGES.index(s)) for s in SLEEP_STAGES},
        stage_min=dict(stage_min),
        stage_pct={stage: _percent(stage_min[stage], tst_min) for stage in SLEEP_STAGES},
        unscored_min=unscored_min,
        unscored_pct=_percent(unscored_min, len(window) * EPOCH_MIN),
    )


def _window(codes: Codes, lights_off_s: float | None, lights_on_s: float | None) -> Codes:
    scored = np.flatnonzero(codes != UNSCORED_CODE)
    first, end = (int(scored[0]), int(scored[-1]) + 1) if len(scored) else (0, len(codes))
    if lights_off_s is not None:
        first = _first_middle_after(lights_off_s)
    if lights_on_s is not None:
        end = _first_middle_after(lights_on_s)
    return codes[max(first, 0) : max(end, 0)]


def _first_middle_after(mark_s: float) -> int:
    return math.ceil(mark_s / EPOCH_S - 0.5)


def _not_scored(unscored_min: float) -> SleepStatistics:
    return SleepStatistics(
        tib_min=unscored_min or None,
        spt_min=None,
        tst_min=None,
        waso_min=None,
        wake_in_spt_min=None,
        se_pct=None,
        sme_pct=None,
        sol_min=None,
        latencies_min=dict.fromkeys(SLEEP_STAGES),
        stage_min=dict.fromkeys(STAGES),
        stage_pct=dict.fromkeys(SLEEP_STAGES),
        unscored_min=unscored_min,
        unscored_pct=100.0 if unscored_min else None,
    )


def _counts(codes: Codes) -> NDArray[np.int64]:
    """Epochs of every stage, unscored epochs left out; (5,)."""
    return np.bincount(codes[codes != UNSCORED_CODE], minlength=len(STAGES))


def _wake_min(codes: Codes) -> float:
    return int(np.count_nonzero(codes == _WAKE)) * EPOCH_MIN


def _percent(part_min: float, whole_min: float) -> float | None:
    return 100 * part_min / whole_min if whole_min else None


def _latency(codes: Codes, wanted: NDArray[np.bool_]) -> float | None:
    """Minutes to the first wanted epoch; None without such an epoch, or after an unscored epoch."""
    found = np.flatnonzero(wanted | (codes == UNSCORED_CODE))
    if not len(found) or not wanted[found[0]]:
        return None
    return int(found[0]) * EPOCH_MIN
