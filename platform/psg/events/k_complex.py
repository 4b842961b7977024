"""K complex: a sharp negative wave directly followed by a positive wave, at least 0.5 s together,
maximal frontally and standing out from the background.

Definition: AASM manual (Iber et al. 2007). The threshold, 75 uV from peak to peak with a
trough of 40 uV, is common in detectors (Devuyst et al. 2010, Conf IEEE EMBS). The wave must
be 7.5 times the mean amplitude around it, which excludes trains of slow waves. To exclude eye
movements, it must reach the central derivation, and the eyes must not move in opposite directions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.eyes import has_eyes
from psg.events.waveforms import (
    Runs,
    events_of,
    means,
    moving_mean,
    negative_first_waves,
    peak_to_peak,
)
from psg.montage import EOG_DERIVATIONS, Derivation

KIND = "k_complex"
LEAST_UV, MOST_UV, LEAST_TROUGH_UV = 75.0, 400.0, 40.0
SHORTEST_S, LONGEST_S = 0.5, 2.0
LONGEST_NEGATIVE_S = 0.8
TIMES_SURROUNDINGS = 7.5
SURROUNDINGS_S = 20.0
LEAST_CENTRAL_SHARE = 0.4
MOST_EYE_SHARE = 0.6


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find K complexes over F4, with peak-to-peak size in uV."""
    if Derivation.F4 not in night:
        return []
    slow = night.band(Derivation.F4, 0.3, 4.0)
    waves = negative_first_waves(slow)
    size_uv, duration_s = waves.peak_to_peak_uv, waves.duration_s
    around_uv = means(moving_mean(np.abs(slow), SURROUNDINGS_S), waves.runs)
    keep = (
        (size_uv >= np.maximum(LEAST_UV, TIMES_SURROUNDINGS * around_uv))
        & (size_uv <= MOST_UV)
        & (waves.trough_uv <= -LEAST_TROUGH_UV)
        & (waves.negative_s <= LONGEST_NEGATIVE_S)
        & (duration_s >= SHORTEST_S)
        & (duration_s <= LONGEST_S)
        & _reaches_centre(night, waves.runs, size_uv)
        & _eyes_still(night, waves.runs, size_uv)
    )
    return events_of(KIND, Derivation.F4, waves.runs.where(keep), peak_to_peak_uv=size_uv[keep])


def _reaches_centre(
    night: ContinuousNight, runs: Runs, size_uv: NDArray[np.float64]
) -> NDArray[np.bool_]:
    if Derivation.C4 not in night:
        return np.ones(len(runs), dtype=bool)
    central_uv = peak_to_peak(night.band(Derivation.C4, 0.3, 4.0), runs)
    return np.asarray(central_uv >= LEAST_CENTRAL_SHARE * size_uv)


def _eyes_still(
    night: ContinuousNight, runs: Runs, size_uv: NDArray[np.float64]
) -> NDArray[np.bool_]:
    if not has_eyes(night):
        return np.ones(len(runs), dtype=bool)
    left, right = (night.band(eye, 0.3, 4.0) for eye in EOG_DERIVATIONS)
    return np.asarray(peak_to_peak(right - left, runs) <= MOST_EYE_SHARE * size_uv)
