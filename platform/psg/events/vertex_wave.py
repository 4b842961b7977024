"""Vertex sharp wave: a sharp negative wave shorter than 0.5 s, maximal over the central region.

Definition: AASM manual (Iber et al. 2007). It must stand out from the background and be larger at
the centre than frontally and occipitally. A K complex is longer, and a sharp edge of a slow wave is
no wave of its own: nothing slow may accompany it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import (
    Runs,
    background,
    events_of,
    maxima,
    means,
    minima,
    negative_first_waves,
    peak_to_peak,
)
from psg.montage import Derivation

KIND = "vertex_wave"
BAND_HZ = (1.5, 12.0)
LEAST_TROUGH_UV, MOST_UV = 30.0, 300.0
SHORTEST_NEGATIVE_S, LONGEST_NEGATIVE_S, LONGEST_S = 0.06, 0.25, 0.5
TIMES_SURROUNDINGS, SURROUNDINGS_S = 7.0, 21.0
SLOW_HZ = (0.5, 4.0)
MOST_SLOW_SHARE = 0.7
SLOW_BEFORE_S, SLOW_AFTER_S = 0.3, 0.8


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find vertex sharp waves over C4, with peak-to-peak size in uV."""
    if Derivation.C4 not in night:
        return []
    central = night.band(Derivation.C4, *BAND_HZ)
    waves = negative_first_waves(central)
    around_uv = means(background(central, SURROUNDINGS_S), waves.runs)
    keep = (
        (waves.trough_uv <= -np.maximum(LEAST_TROUGH_UV, TIMES_SURROUNDINGS * around_uv))
        & (waves.peak_to_peak_uv <= MOST_UV)
        & (waves.negative_s >= SHORTEST_NEGATIVE_S)
        & (waves.negative_s <= LONGEST_NEGATIVE_S)
        & (waves.duration_s < LONGEST_S)
        & (_slow_after_uv(night, waves.runs) <= -MOST_SLOW_SHARE * waves.trough_uv)
    )
    for other in (Derivation.F4, Derivation.O2):
        if other in night:
            keep &= minima(night.band(other, *BAND_HZ), waves.runs) > 0.9 * waves.trough_uv
    runs = waves.runs.where(keep)
    return events_of(KIND, Derivation.C4, runs, peak_to_peak_uv=peak_to_peak(central, runs))


def _slow_after_uv(night: ContinuousNight, runs: Runs) -> NDArray[np.float64]:
    """Return the height of the slow wave around each run, the positive part of a K complex."""
    around = Runs(
        np.maximum(runs.starts - round(SLOW_BEFORE_S * SFREQ_HZ), 0),
        np.minimum(runs.ends + round(SLOW_AFTER_S * SFREQ_HZ), night.sample_count),
    )
    return maxima(night.band(Derivation.C4, *SLOW_HZ), around)
