"""Alpha rhythm: 8-13 Hz over the occipital derivation, in stretches of a second or more.

Definition: AASM manual (Iber et al. 2007). In a stretch, alpha has at least 40 % of the power from
2 to 30 Hz, and more power than the spindle band over the centre, since spindles spread to the
occiput.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import events_of, frequencies_hz, long_runs, peak_to_peak
from psg.montage import Derivation

KIND = "alpha"
BAND_HZ = (8.0, 13.0)
LEAST_SHARE = 0.4
LEAST_RMS_UV = 3.5
SHORTEST_S, GAP_S = 1.0, 0.6
_WINDOW_S = 1.0


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find stretches of alpha over O2, with size (uV) and frequency (Hz)."""
    if Derivation.O2 not in night:
        return []
    runs = long_runs(alpha_mask(night), shortest_s=SHORTEST_S, gap_s=GAP_S)
    alpha = night.band(Derivation.O2, *BAND_HZ)
    return events_of(
        KIND,
        Derivation.O2,
        runs,
        peak_to_peak_uv=peak_to_peak(alpha, runs),
        frequency_hz=frequencies_hz(alpha, runs),
    )


def alpha_mask(night: ContinuousNight) -> NDArray[np.bool_]:
    """Return the samples at which alpha dominates the occipital derivation; (n_samples,)."""
    power = night.band_power(Derivation.O2, *BAND_HZ, _WINDOW_S)
    total = night.band_power(Derivation.O2, 2.0, 30.0, _WINDOW_S)
    mask = (power > LEAST_SHARE * total) & (power > LEAST_RMS_UV**2)
    if Derivation.C4 in night:
        mask &= power > night.band_power(Derivation.C4, 11.0, 16.0, _WINDOW_S)
    return mask
