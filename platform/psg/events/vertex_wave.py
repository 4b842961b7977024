"""Vertex sharp wave: a sharp negative wave shorter than 0.5 s, maximal over the central region.

Definition: AASM manual (Iber et al. 2007). It must stand out from the background and be larger at
the centre than frontally and occipitally; a K complex is longer and frontal.
"""

from __future__ import annotations

import numpy as np

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import (
    events_of,
    means,
    minima,
    moving_mean,
    negative_first_waves,
    peak_to_peak,
)
from psg.montage import Derivation

KIND = "vertex_wave"
BAND_HZ = (1.5, 12.0)
LEAST_TROUGH_UV, MOST_UV = 30.0, 300.0
SHORTEST_NEGATIVE_S, LONGEST_NEGATIVE_S, LONGEST_S = 0.06, 0.25, 0.5
TIMES_SURROUNDINGS = 5.0
SURROUNDINGS_S = 10.0


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find vertex sharp waves over C4, with peak-to-peak size in uV."""
    if Derivation.C4 not in night:
        return []
    central = night.band(Derivation.C4, *BAND_HZ)
    waves = negative_first_waves(central)
    around_uv = means(moving_mean(np.abs(central), SURROUNDINGS_S), waves.runs)
    keep = (
        (waves.trough_uv <= -np.maximum(LEAST_TROUGH_UV, TIMES_SURROUNDINGS * around_uv))
        & (waves.peak_to_peak_uv <= MOST_UV)
        & (waves.negative_s >= SHORTEST_NEGATIVE_S)
        & (waves.negative_s <= LONGEST_NEGATIVE_S)
        & (waves.duration_s < LONGEST_S)
    )
    for other in (Derivation.F4, Derivation.O2):
        if other in night:
            keep &= minima(night.band(other, *BAND_HZ), waves.runs) > 0.9 * waves.trough_uv
    runs = waves.runs.where(keep)
    return events_of(KIND, Derivation.C4, runs, peak_to_peak_uv=peak_to_peak(central, runs))
