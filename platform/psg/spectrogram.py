"""A night's spectrogram as a small picture: one column an epoch, one row per half hertz."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from psg.filters import MODEL_SFREQ_HZ

LOW_HZ, HIGH_HZ, STEP_HZ = 0.5, 30.0, 0.5
_WINDOW = round(MODEL_SFREQ_HZ / STEP_HZ)
_EPOCHS_AT_ONCE = 64
# Dark blue for quiet to pale yellow for loud: stands out from a white and a black page alike.
_ANCHORS = (
    (0.00, (24, 26, 58)),
    (0.25, (38, 70, 120)),
    (0.50, (32, 124, 134)),
    (0.70, (92, 172, 104)),
    (0.88, (224, 196, 80)),
    (1.00, (255, 246, 196)),
)


def epoch_power_db(signal_uv: NDArray[np.floating[Any]], epoch_count: int) -> NDArray[np.float32]:
    """Average the power spectrum of each epoch over 2-s Hann windows.

    Parameters
    ----------
    signal_uv : ndarray, shape (epoch_count * 3000,) or (epoch_count, 3000)
        One derivation at 100 Hz.

    Returns
    -------
    ndarray of float32, shape (epoch_count, 60)
        dB relative to 1 uV^2/Hz at 0.5, 1, ... 30 Hz.
    """
    windows = signal_uv.reshape(epoch_count, -1, _WINDOW)
    taper = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    scale = 2 / (MODEL_SFREQ_HZ * float((taper**2).sum()))
    bins = slice(round(LOW_HZ / STEP_HZ), round(HIGH_HZ / STEP_HZ) + 1)
    power = np.empty((epoch_count, bins.stop - bins.start), dtype=np.float32)
    for first in range(0, epoch_count, _EPOCHS_AT_ONCE):
        spectra = np.fft.rfft(windows[first : first + _EPOCHS_AT_ONCE] * taper, axis=-1)
        power[first : first + _EPOCHS_AT_ONCE] = (np.abs(spectra[..., bins]) ** 2).mean(axis=1)
    return (10 * np.log10(np.maximum(power * scale, 1e-12))).astype(np.float32)


def spectrogram_png(signal_uv: NDArray[np.floating[Any]], epoch_count: int) -> bytes:
    """Draw the spectrogram of a whole night, 30 Hz at the top.

    The colour range spans the 2nd to the 98th percentile of the night.

    Returns
    -------
    bytes
        A PNG with a palette, ``epoch_count`` wide and 60 high; stretch it to fit.
    """
    power_db = epoch_power_db(signal_uv, epoch_count)
    low, high = np.percentile(power_db, (2, 98))
    shade = np.clip((power_db - low) / max(float(high - low), 1e-6), 0, 1)
    image = Image.fromarray((shade.T[::-1] * 255).astype(np.uint8))
    image.putpalette(_palette())
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _palette() -> bytes:
    places = [place * 255 for place, _ in _ANCHORS]
    bands = [
        np.interp(np.arange(256), places, [colour[band] for _, colour in _ANCHORS])
        for band in range(3)
    ]
    return np.stack(bands, axis=1).round().astype(np.uint8).tobytes()
