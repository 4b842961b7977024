"""Features of every second: the targets of waveform-perceptual pre-training.

Band power follows SleepVLM's phase 1 (arXiv 2603.26738): Welch with a 1-s window, hence 1-Hz
bins, bands [lo, hi), trapezoid rule, 10 log10, floor 1e-12; mean absolute value (MAV) beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import welch

from psg.montage import Derivation
from psg.night import SAMPLES_PER_EPOCH, NightSignals
from psg.stages import EPOCH_S

BANDS_HZ: dict[str, tuple[float, float]] = {
    "delta": (0.3, 4.0),
    "theta": (4.0, 8.0),
    "alpha": (8.0, 13.0),
    "beta": (13.0, 30.0),
}
POWER_FLOOR_UV2 = 1e-12
SECONDS_PER_EPOCH = int(EPOCH_S)
_SFREQ_HZ = SAMPLES_PER_EPOCH // SECONDS_PER_EPOCH
_CHUNK_EPOCHS = 64


@dataclass(frozen=True)
class SecondFeatures:
    """Features of ``n_epochs`` epochs.

    Attributes
    ----------
    band_power_db
        (n_epochs, n_derivations, 30, 4), bands in the order of BANDS_HZ; NaN for the chin,
        which has only MAV. In dB re 1 uV^2.
    mav_uv
        Mean absolute value in uV, (n_epochs, n_derivations, 30).
    """

    band_power_db: NDArray[np.float32]
    mav_uv: NDArray[np.float32]


def second_features(
    epochs_uv: NDArray[np.floating], derivations: Sequence[Derivation]
) -> SecondFeatures:
    """Compute the features of every second.

    Parameters
    ----------
    epochs_uv
        (n_epochs, n_derivations, 3000) in uV at 100 Hz.
    derivations
        Names of the second axis.
    """
    seconds = np.asarray(epochs_uv, dtype=np.float64).reshape(
        len(epochs_uv), len(derivations), SECONDS_PER_EPOCH, _SFREQ_HZ
    )
    power_db = band_power_db(seconds)
    chin = [derivation is Derivation.CHIN for derivation in derivations]
    power_db[:, chin] = np.nan
    return SecondFeatures(
        band_power_db=power_db.astype(np.float32),
        mav_uv=np.abs(seconds).mean(axis=-1).astype(np.float32),
    )


def night_second_features(night: NightSignals) -> SecondFeatures:
    """Compute the features of a whole night, chunk by chunk to save memory."""
    chunks = [
        second_features(
            night.read_uv(first, min(_CHUNK_EPOCHS, night.epoch_count - first)), night.derivations
        )
        for first in range(0, night.epoch_count, _CHUNK_EPOCHS)
    ]
    return SecondFeatures(
        band_power_db=np.concatenate([chunk.band_power_db for chunk in chunks]),
        mav_uv=np.concatenate([chunk.mav_uv for chunk in chunks]),
    )


def band_power_db(seconds_uv: NDArray[np.float64]) -> NDArray[np.float64]:
    """Power of the four bands of 1-s pieces (..., 100) in dB re 1 uV^2; (..., 4)."""
    freqs_hz, density = welch(seconds_uv, fs=_SFREQ_HZ, nperseg=_SFREQ_HZ, axis=-1)
    powers = [_band_power(freqs_hz, density, lo, hi) for lo, hi in BANDS_HZ.values()]
    return 10 * np.log10(np.stack(powers, axis=-1) + POWER_FLOOR_UV2)


def _band_power(
    freqs_hz: NDArray[np.float64], density: NDArray[np.float64], lo_hz: float, hi_hz: float
) -> NDArray[np.float64]:
    inside = (freqs_hz >= lo_hz) & (freqs_hz < hi_hz)
    return np.asarray(np.trapezoid(density[..., inside], freqs_hz[inside], axis=-1))
