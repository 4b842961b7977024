"""Slow eye movement: conjugate, sinusoidal, the initial deflection longer than 0.5 s.

Definition: AASM manual (Iber et al. 2007). The signals are filtered to 0.15-1.5 Hz. The eyes must
move in opposite directions, by 35 uV in the difference (our threshold), further than EEG explains,
and without a rapid eye movement. A quick turn that the filter smooths, or the slow return from one,
is none: however small, it makes much of its way at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events import rapid_eye_movement
from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.eyes import beyond_brain, deflections, has_eyes, overlaps
from psg.events.waveforms import events_of, maxima
from psg.montage import EOG_DERIVATIONS, Derivation

KIND = "sem"
BAND_HZ = (0.15, 1.5)
LEAST_UV, MOST_UV = 35.0, 500.0
SHORTEST_S, LONGEST_S = 0.5, 4.0
STEP_S, MOST_STEP = 0.12, 0.45
"""Share of the whole that a movement makes in this time, before the filter; a sinusoid of the
shortest movement makes 0.37 of it."""


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
        & beyond_brain(night, moves, *BAND_HZ)
        & (maxima(_steps_uv(night), moves.runs) < MOST_STEP * size_uv)
    )
    rapid = night.find_once(rapid_eye_movement.find)
    keep &= ~overlaps(
        moves.runs,
        np.array([event.start_s for event in rapid]),
        np.array([event.end_s for event in rapid]),
    )
    return events_of(KIND, Derivation.E1, moves.runs.where(keep), peak_to_peak_uv=size_uv[keep])


def _steps_uv(night: ContinuousNight) -> NDArray[np.float64]:
    """Return how far E2 - E1 moves in the `STEP_S` around each sample; (n_samples,)."""
    left, right = (night.band(eye, *rapid_eye_movement.BAND_HZ) for eye in EOG_DERIVATIONS)
    difference = np.asarray(right - left, dtype=np.float64)
    half = round(STEP_S * SFREQ_HZ / 2)
    steps = np.zeros_like(difference)
    if len(difference) > 2 * half:
        steps[half:-half] = np.abs(difference[2 * half :] - difference[: -2 * half])
    return steps
