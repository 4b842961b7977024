"""Where waves that are largest frontally are searched, and whether they reach the centre.

Against a mastoid the slow activity of sleep is larger in F4 than in C4 (0.6 to 1 times as large in
C4, in real and simulated recordings at hand). Where C4 shows the same waves larger all night, the
reference of F4 lies too near, as happens with a common reference, and F4 does not show their size.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.waveforms import Runs, Waves, in_epochs, minima, peak_to_peak
from psg.montage import Derivation

SLOW_HZ = (0.3, 4.0)
LEAST_CENTRAL_TO_FRONTAL = 1.1
LEAST_CORRELATION = 0.5
"""Of F4 and C4 in the median epoch. An electrode that is loose does not show the same waves."""


def searched(night: ContinuousNight) -> Derivation | None:
    """F4, or C4 where F4 is missing or too small; None without both."""
    if is_too_small(night):
        return Derivation.C4
    return next((place for place in (Derivation.F4, Derivation.C4) if place in night), None)


def is_too_small(night: ContinuousNight) -> bool:
    """Whether the waves of F4 show larger in C4 throughout the recording."""
    if Derivation.F4 not in night or Derivation.C4 not in night:
        return False
    frontal, central = (
        in_epochs(night.band(place, *SLOW_HZ)) for place in (Derivation.F4, Derivation.C4)
    )
    if not len(frontal):
        return False
    sizes_uv = np.maximum(frontal.std(axis=1), 1e-6), np.maximum(central.std(axis=1), 1e-6)
    ratio = sizes_uv[1] / sizes_uv[0]
    correlation = (frontal * central).mean(axis=1) / (sizes_uv[0] * sizes_uv[1])
    return bool(
        np.median(ratio) >= LEAST_CENTRAL_TO_FRONTAL and np.median(correlation) >= LEAST_CORRELATION
    )


def reaches_centre(
    night: ContinuousNight,
    waves: Waves,
    band_hz: tuple[float, float],
    *,
    least_size_share: float,
    least_trough_share: float,
) -> NDArray[np.bool_]:
    """Return which waves of F4 show in C4 with these shares of their size and their trough; (n,).

    Blinks and movements of the brow fade towards the centre. Where C4 is searched, nothing is
    known against a wave.
    """
    if Derivation.F4 not in night or Derivation.C4 not in night or is_too_small(night):
        return np.ones(len(waves.runs), dtype=bool)
    central = night.band(Derivation.C4, *band_hz)
    middles = waves.runs.starts + np.round(waves.negative_s * SFREQ_HZ).astype(np.int64)
    trough_uv = minima(central, Runs(waves.runs.starts, middles))
    size_uv = peak_to_peak(central, waves.runs)
    return np.asarray(
        (size_uv >= least_size_share * waves.peak_to_peak_uv)
        & (trough_uv <= least_trough_share * waves.trough_uv)
    )
