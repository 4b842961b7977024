"""Rapid eye movement: conjugate, sharply peaked, the initial deflection shorter than 0.5 s.

Definition: AASM manual (Iber et al. 2007). Both eyes must move, in opposite directions, by 45 uV
together at 200 uV/s or more (our thresholds), further than EEG explains, and far beyond what the
eyes do while they are still; blinks are left out. A deflection and the return that follows it are
one movement. Movements of the awake eye look the same: the rules reader distinguishes them by chin
tone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events import blink
from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.eyes import beyond_brain, deflections, has_eyes, overlaps
from psg.events.waveforms import Runs, events_of
from psg.montage import Derivation

KIND = "rem"
BAND_HZ = (0.3, 8.0)
LEAST_UV, MOST_UV = 45.0, 700.0
LONGEST_S = 0.5
LEAST_SPEED_UV_S = 200.0
LONGEST_HOLD_S = 0.3
QUIET_PERCENTILE = 25
"""Of the seconds of a recording, ordered by size: those without any movement of the eyes."""
TIMES_QUIET = 12.5


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find rapid eye movements in E2 - E1, with the size of the deflection in uV."""
    if not has_eyes(night):
        return []
    moves = deflections(night, *BAND_HZ)
    size_uv = np.abs(moves.change_uv)
    keep = (
        (moves.conjugate_uv >= max(LEAST_UV, TIMES_QUIET * _quiet_level_uv(night)))
        & (size_uv <= MOST_UV)
        & (moves.runs.durations_s < LONGEST_S)
        & (moves.speed_uv_s >= LEAST_SPEED_UV_S)
        & moves.opposite
        & beyond_brain(night, moves, *BAND_HZ)
    )
    blinks = night.find_once(blink.find)
    keep &= ~overlaps(
        moves.runs,
        np.array([event.start_s for event in blinks]),
        np.array([event.end_s for event in blinks]),
    )
    runs, size_uv = _with_returns(moves.runs.where(keep), moves.change_uv[keep])
    return events_of(KIND, Derivation.E1, runs, peak_to_peak_uv=size_uv)


def _quiet_level_uv(night: ContinuousNight) -> float:
    """Return the mean absolute difference of the eyes while they are still, in uV."""
    difference = np.abs(night.band(Derivation.E2, *BAND_HZ) - night.band(Derivation.E1, *BAND_HZ))
    seconds = difference[: len(difference) // SFREQ_HZ * SFREQ_HZ].reshape(-1, SFREQ_HZ)
    return float(np.percentile(seconds.mean(axis=1), QUIET_PERCENTILE)) if len(seconds) else 0.0


def _with_returns(runs: Runs, change_uv: NDArray[np.float64]) -> tuple[Runs, NDArray[np.float64]]:
    """Join each deflection with a return that begins soon; sizes are of the larger of both."""
    starts: list[int] = []
    ends: list[int] = []
    size_uv: list[float] = []
    awaits_return = False
    for place, (start, end) in enumerate(
        zip(runs.starts.tolist(), runs.ends.tolist(), strict=True)
    ):
        returns = (
            awaits_return
            and change_uv[place] * change_uv[place - 1] < 0
            and start - ends[-1] <= LONGEST_HOLD_S * SFREQ_HZ
        )
        if returns:
            ends[-1] = end
            size_uv[-1] = max(size_uv[-1], abs(change_uv[place]))
        else:
            starts.append(start)
            ends.append(end)
            size_uv.append(abs(change_uv[place]))
        awaits_return = not returns
    return Runs(np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)), np.array(size_uv)
