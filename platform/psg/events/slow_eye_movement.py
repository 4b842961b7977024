"""Slow eye movement: conjugate, sinusoidal, the initial deflection longer than 0.5 s.

Definition: AASM manual (Iber et al. 2007). The signals are filtered to 0.15-1.5 Hz. The eyes must
move in opposite directions, by 35 uV in the difference (our threshold), further than EEG explains,
and without a rapid eye movement. That filter makes slow deflections of rapid ones, so the steepest
part is looked at with faster frequencies: no sinusoid whose deflection takes 0.5 s or more goes
over 0.6 of its way within 0.2 s. And it lets a still eye drift before and after a large movement,
so the unfiltered signals must move as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events import rapid_eye_movement
from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.eyes import Deflections, beyond_brain, deflections, has_eyes, overlaps
from psg.events.waveforms import Runs, events_of, maxima, moving_mean
from psg.montage import EOG_DERIVATIONS, Derivation

KIND = "sem"
BAND_HZ = (0.15, 1.5)
LEAST_UV, MOST_UV = 35.0, 500.0
SHORTEST_S, LONGEST_S = 0.5, 4.0
STEEP_HZ, STEEP_S = (0.15, 8.0), 0.2
MOST_STEEP_SHARE = 0.6
LEAST_UNFILTERED_SHARE = 0.5


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find slow eye movements in E2 - E1, with the size of the deflection in uV."""
    if not has_eyes(night):
        return []
    moves = deflections(night, *BAND_HZ)
    size_uv, duration_s = np.abs(moves.change_uv), moves.runs.durations_s
    keep = (
        (size_uv >= LEAST_UV)
        & (size_uv <= MOST_UV)
        & (duration_s > SHORTEST_S)
        & (duration_s <= LONGEST_S)
        & moves.opposite
        & (_steepest_uv(night, moves.runs) < MOST_STEEP_SHARE * size_uv)
        & (_unfiltered(night, moves) >= LEAST_UNFILTERED_SHARE)
        & beyond_brain(night, moves, *BAND_HZ)
    )
    rapid = night.find_once(rapid_eye_movement.find)
    keep &= ~overlaps(
        moves.runs,
        np.array([event.start_s for event in rapid]),
        np.array([event.end_s for event in rapid]),
    )
    return events_of(KIND, Derivation.E1, moves.runs.where(keep), peak_to_peak_uv=size_uv[keep])


def _steepest_uv(night: ContinuousNight, runs: Runs) -> NDArray[np.float64]:
    """Return how far the eyes move against each other within `STEEP_S`, at most; (n_runs,)."""
    left, right = (night.band(eye, *STEEP_HZ) for eye in EOG_DERIVATIONS)
    difference = right - left
    width = round(STEEP_S * SFREQ_HZ)
    moved = np.zeros(len(difference))
    moved[width // 2 : len(difference) - width // 2] = np.abs(
        difference[width:] - difference[:-width]
    )
    return maxima(moved, runs)


def _unfiltered(night: ContinuousNight, moves: Deflections) -> NDArray[np.float64]:
    """Return the change without the filter as a share of the change with it; (n,)."""
    left, right = (moving_mean(night.signal(eye), STEEP_S) for eye in EOG_DERIVATIONS)
    change_uv = (right - left)[moves.runs.ends] - (right - left)[moves.runs.starts]
    return np.asarray(change_uv / np.where(moves.change_uv == 0, np.inf, moves.change_uv))
