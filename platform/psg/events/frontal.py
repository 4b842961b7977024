"""Where waves that are largest frontally are searched, and whether they reach the centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.waveforms import Runs, Waves, minima, peak_to_peak
from psg.montage import Derivation


def searched(night: ContinuousNight) -> Derivation | None:
    """F4, or C4 where F4 is missing; None without both."""
    return next((place for place in (Derivation.F4, Derivation.C4) if place in night), None)


def reaches_centre(
    night: ContinuousNight,
    waves: Waves,
    band_hz: tuple[float, float],
    *,
    least_size_share: float,
    least_trough_share: float,
) -> NDArray[np.bool_]:
    """Return which waves of F4 show in C4 with these shares of their size and their trough; (n,).

    Blinks and movements of the brow fade towards the centre. Without F4 or C4 nothing is known
    against a wave.
    """
    if Derivation.F4 not in night or Derivation.C4 not in night:
        return np.ones(len(waves.runs), dtype=bool)
    central = night.band(Derivation.C4, *band_hz)
    middles = waves.runs.starts + np.round(waves.negative_s * SFREQ_HZ).astype(np.int64)
    trough_uv = minima(central, Runs(waves.runs.starts, middles))
    size_uv = peak_to_peak(central, waves.runs)
    return np.asarray(
        (size_uv >= least_size_share * waves.peak_to_peak_uv)
        & (trough_uv <= least_trough_share * waves.trough_uv)
    )
