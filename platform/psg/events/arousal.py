"""Arousal: an abrupt shift of EEG frequency to alpha or above 16 Hz for 3 s or more, at least 10 s
after the last.

Definition: AASM manual (Iber et al. 2007). The manual also names theta; a shift to theta alone is
hard to distinguish from drowsiness by power and is not detected. Spindle frequencies are excluded,
as in the manual. The detector does not check whether the 10 s before were sleep, nor whether chin
tone rose, which the manual requires in R.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import events_of, long_runs, moving_mean
from psg.montage import Derivation

KIND = "arousal"
RISE = 2.5
SHORTEST_S, LONGEST_S = 3.0, 15.0
BASELINE_S, BASELINE_LAG_S = 10.0, 4.0
FAST_BANDS = (
    (Derivation.C4, 16.0, 30.0),
    (Derivation.C4, 8.0, 11.0),
    (Derivation.O2, 8.0, 12.0),
)
LEAST_RMS_UV = 2.0


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find arousals of 3-15 s; they have no measures."""
    shifted = np.zeros(night.sample_count, dtype=bool)
    for derivation, lo_hz, hi_hz in FAST_BANDS:
        if derivation in night:
            shifted |= _shifted(night.band_power(derivation, lo_hz, hi_hz, 1.0))
    runs = long_runs(shifted, shortest_s=SHORTEST_S, gap_s=0.5)
    runs = runs.where(runs.durations_s <= LONGEST_S)
    pause = np.diff(runs.ends, prepend=-(10**9)) - (runs.ends - runs.starts)
    runs = runs.where(pause >= BASELINE_S * SFREQ_HZ)
    return events_of(KIND, Derivation.C4, runs)


def _shifted(power: NDArray[np.floating]) -> NDArray[np.bool_]:
    lag = int((BASELINE_LAG_S + BASELINE_S / 2) * SFREQ_HZ)
    before = np.full_like(power, np.inf)
    if len(power) > lag:
        before[lag:] = moving_mean(power, BASELINE_S)[:-lag]
    return np.asarray((power > RISE * before) & (power > LEAST_RMS_UV**2))
