"""Eye blink: a vertical deflection of 0.1-0.7 s in the eye and frontal derivations.

Definition: AASM manual (Iber et al. 2007): conjugate vertical movements at 0.5-2 Hz. A blink makes
E2 (above the eye) and F4 positive together and fades towards the centre and the occiput. E1 may
have either sign, depending on whether it is placed beside or below the eye, so it is not used.
Waves of sleep reach E2 and F4 too, but then the rest of the EEG swings as well, or the eye does so
all the time: a blink stands out from what the eye shows around it. Where nothing but F4 shows the
EEG, both look the same.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import (
    events_of,
    maxima,
    means,
    moving_mean,
    peak_to_peak,
    runs_of,
    widened,
)
from psg.montage import Derivation

KIND = "blink"
LEAST_UV, MOST_UV = 45.0, 600.0
SHORTEST_S, LONGEST_S = 0.1, 0.7
LEAST_FRONTAL_SHARE, MOST_FRONTAL_SHARE = 0.25, 1.1
MOST_CENTRAL_TO_FRONTAL = 0.7
MOST_EEG_SHARE = 0.7
AROUND_S = 0.15
TIMES_SURROUNDINGS = 3.0
SURROUNDINGS_S = 10.0
_BAND_HZ = (0.8, 10.0)
# Without alpha, which the occiput of an awake sleeper may show at any time.
_OCCIPITAL_HZ = (0.8, 6.0)


def untold(present: Collection[Derivation]) -> str:
    """Say why no blink can be told with these EEG derivations; or nothing."""
    if Derivation.F4 not in present:
        return "Without F4-M1 a blink cannot be told."
    if Derivation.C4 in present or Derivation.O2 in present:
        return ""
    return "Without C4-M1 or O2-M1 a blink cannot be told from a slow wave."


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find blinks in E2 and F4, with their height in E2 in uV."""
    if Derivation.E2 not in night or untold(night.derivations):
        return []
    eye = night.band(Derivation.E2, *_BAND_HZ)
    runs = runs_of(eye > 0)
    runs = runs.where((runs.durations_s >= SHORTEST_S) & (runs.durations_s <= LONGEST_S))
    size_uv = maxima(eye, runs)
    around_uv = means(moving_mean(np.abs(eye), SURROUNDINGS_S), runs)
    large = (size_uv >= np.maximum(LEAST_UV, TIMES_SURROUNDINGS * around_uv)) & (size_uv <= MOST_UV)
    runs, size_uv = runs.where(large), size_uv[large]
    frontal_uv = maxima(night.band(Derivation.F4, *_BAND_HZ), runs)
    keep = (frontal_uv >= LEAST_FRONTAL_SHARE * size_uv) & (
        frontal_uv <= MOST_FRONTAL_SHARE * size_uv
    )
    if Derivation.C4 in night:
        central_uv = maxima(night.band(Derivation.C4, *_BAND_HZ), runs)
        keep &= central_uv <= MOST_CENTRAL_TO_FRONTAL * frontal_uv
    around = widened(runs, AROUND_S, night.sample_count)
    for derivation, band_hz in ((Derivation.C4, _BAND_HZ), (Derivation.O2, _OCCIPITAL_HZ)):
        if derivation in night:
            swing_uv = peak_to_peak(night.band(derivation, *band_hz), around)
            keep &= swing_uv <= MOST_EEG_SHARE * size_uv
    return events_of(KIND, Derivation.E2, runs.where(keep), peak_to_peak_uv=size_uv[keep])
