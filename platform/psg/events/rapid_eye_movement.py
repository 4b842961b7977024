"""Rapid eye movement: conjugate, sharply peaked, the initial deflection shorter than 0.5 s.

Definition: AASM manual (Iber et al. 2007). The eye channels must move in opposite directions, by
45 uV in the difference at 120 uV/s or more (our thresholds); blinks are left out. Movements of the
awake eye look the same: the rules reader distinguishes them by chin tone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events import blink
from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.eyes import Deflections, deflections, has_eyes, overlaps
from psg.events.waveforms import events_of, peak_to_peak
from psg.montage import Derivation

KIND = "rem"
BAND_HZ = (0.3, 8.0)
MOST_FRONTAL_SHARE = 0.6
LEAST_UV, MOST_UV = 45.0, 700.0
LONGEST_S = 0.5
LEAST_SPEED_UV_S = 120.0


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find rapid eye movements in E2 - E1, with the size of the deflection in uV."""
    if not has_eyes(night):
        return []
    moves = deflections(night, *BAND_HZ)
    size_uv = np.abs(moves.change_uv)
    keep = (
        (size_uv >= LEAST_UV)
        & (size_uv <= MOST_UV)
        & (moves.runs.durations_s < LONGEST_S)
        & (moves.speed_uv_s >= LEAST_SPEED_UV_S)
        & moves.opposite
        & _beyond_brain(night, moves)
    )
    blinks = night.find_once(blink.find)
    keep &= ~overlaps(
        moves.runs,
        np.array([event.start_s for event in blinks]),
        np.array([event.end_s for event in blinks]),
    )
    return events_of(KIND, Derivation.E1, moves.runs.where(keep), peak_to_peak_uv=size_uv[keep])


def _beyond_brain(night: ContinuousNight, moves: Deflections) -> NDArray[np.bool_]:
    """Exclude slow waves in the eye channels, which are larger in the frontal derivation."""
    if Derivation.F4 not in night:
        return np.ones(len(moves.runs), dtype=bool)
    frontal_uv = peak_to_peak(night.band(Derivation.F4, *BAND_HZ), moves.runs)
    return np.asarray(frontal_uv <= MOST_FRONTAL_SHARE * np.abs(moves.change_uv))
