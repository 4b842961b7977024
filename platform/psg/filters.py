"""The preprocessing of signals for models, images and features.

Band-pass (order 4, zero phase), mains notch (zero phase), linear interpolation to 100 Hz,
in this order, over the whole night. Second-order sections stand in for the transfer
function form that the method was published with: the same at 256 Hz as far as that form's
own rounding goes (1e-5 uV per 10 uV), and still a filter at 2000 Hz where it has lost its
numbers.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal as dsp

from psg.errors import PsgError
from psg.montage import Derivation

MODEL_SFREQ_HZ = 100.0
EEG_BAND_HZ = (0.3, 35.0)
EMG_BAND_HZ = (10.0, 100.0)
MAINS_HZ = 50.0
MAINS_Q = 20.0
_ORDER = 4
_NYQUIST_SHARE = 0.999
# Whole-night arrays are filtered in place, in pieces small beside them.
_CHUNK = 262_144

Samples = NDArray[np.floating[Any]]


def preprocess(signal_uv: Samples, sfreq_hz: float, derivation: Derivation) -> NDArray[np.float32]:
    """Filter a whole channel and bring it to 100 Hz.

    Parameters
    ----------
    signal_uv : ndarray, shape (samples,)
        The channel in uV at its own rate.
    sfreq_hz : float
        Its sampling rate.
    derivation : Derivation
        Decides the band: 10-100 Hz for the chin, 0.3-35 Hz for the others.

    Returns
    -------
    ndarray of float32, shape (floor(duration * 100),)
    """
    filtered = filter_native(signal_uv, sfreq_hz, derivation)
    count = int(len(signal_uv) / sfreq_hz * MODEL_SFREQ_HZ + 1e-6)
    return resample_linear(filtered, sfreq_hz, start_s=0.0, count=count)


def filter_native(
    signal_uv: Samples, sfreq_hz: float, derivation: Derivation
) -> NDArray[np.float64]:
    """Filter a whole channel at its own rate; shape and unit stay.

    Raises
    ------
    PsgError
        When the rate is too low for the band, or the channel too short to filter.
    """
    filtered = np.array(signal_uv, dtype=np.float64)
    filter_in_place(filtered, sfreq_hz, derivation)
    return filtered


def filter_in_place(
    signal_uv: NDArray[np.float64], sfreq_hz: float, derivation: Derivation
) -> None:
    """Filter as `filter_native` does, into the array itself: a night is held once."""
    for sections in filters_for(sfreq_hz, derivation):
        _zero_phase_in_place(sections, signal_uv)


def resample_linear(
    signal_uv: Samples, sfreq_hz: float, *, start_s: float, count: int
) -> NDArray[np.float32]:
    """Interpolate linearly at 100 Hz from ``start_s`` on; the last value holds past the end."""
    resampled = np.empty(count, dtype=np.float32)
    last = len(signal_uv) - 1
    for first in range(0, count, _CHUNK):
        stop = min(first + _CHUNK, count)
        times_s = start_s + np.arange(first, stop) / MODEL_SFREQ_HZ
        places = np.minimum(times_s * sfreq_hz, last)
        left = np.minimum(places.astype(np.int64), max(last - 1, 0))
        share = places - left
        right = np.minimum(left + 1, last)
        resampled[first:stop] = signal_uv[left] * (1 - share) + signal_uv[right] * share
    return resampled


def band_hz(sfreq_hz: float, derivation: Derivation) -> tuple[float, float]:
    """Give the pass band, its upper edge kept below the Nyquist frequency."""
    low_hz, high_hz = EMG_BAND_HZ if derivation is Derivation.CHIN else EEG_BAND_HZ
    return low_hz, min(high_hz, _NYQUIST_SHARE * sfreq_hz / 2)


@lru_cache(maxsize=64)
def filters_for(sfreq_hz: float, derivation: Derivation) -> tuple[NDArray[np.float64], ...]:
    """Second-order sections of the band-pass, then of the mains notch where the rate allows it."""
    low_hz, high_hz = band_hz(sfreq_hz, derivation)
    if high_hz <= low_hz:
        raise PsgError(
            f"A sampling rate of {sfreq_hz:g} Hz is too low for {derivation.value}",
            advice=f"It needs more than {2 * low_hz:g} Hz.",
        )
    band = dsp.butter(_ORDER, (low_hz, high_hz), btype="bandpass", fs=sfreq_hz, output="sos")
    if _NYQUIST_SHARE * sfreq_hz / 2 <= MAINS_HZ:
        return (band,)
    notch = dsp.tf2sos(*dsp.iirnotch(MAINS_HZ, MAINS_Q, fs=sfreq_hz))
    return band, notch


def _zero_phase_in_place(sections: NDArray[np.float64], samples: NDArray[np.float64]) -> None:
    """Run sections forwards and backwards, as scipy's sosfiltfilt does, without its copies.

    The ends are extended by odd reflection over three filter lengths and each pass starts
    in the steady state of its first sample.
    """
    pad = 3 * (2 * len(sections) + 1)
    if len(samples) <= pad:
        raise PsgError(
            "The recording is too short to filter",
            where=f"{len(samples)} samples",
            advice=f"It needs more than {pad}.",
        )
    head = 2 * samples[0] - samples[pad:0:-1]
    tail = 2 * samples[-1] - samples[-2 : -pad - 2 : -1]
    steady = dsp.sosfilt_zi(sections)
    state = steady * head[0]
    head, state = dsp.sosfilt(sections, head, zi=state)
    state = _run(sections, samples, state)
    tail, _ = dsp.sosfilt(sections, tail, zi=state)
    _, state = dsp.sosfilt(sections, tail[::-1], zi=steady * tail[-1])
    _run(sections, samples[::-1], state)


def _run(
    sections: NDArray[np.float64], samples: NDArray[np.float64], state: NDArray[np.float64]
) -> NDArray[np.float64]:
    for first in range(0, len(samples), _CHUNK):
        piece = samples[first : first + _CHUNK]
        piece[:], state = dsp.sosfilt(sections, piece, zi=state)
    return state
