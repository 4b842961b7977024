"""The preprocessing of signals for models, images and features.

Band-pass (order 4, zero phase), mains notch (zero phase), linear interpolation to 100 Hz,
in this order, over the whole night, as published for SleepVLM (arXiv 2603.26738). The published
code has the filters as transfer functions; here they are second-order sections. At 256 Hz both are
equal within the rounding errors of transfer functions (1e-5 uV per 10 uV). At 2000 Hz transfer
functions are numerically unstable, while second-order sections are not.

The published notch is at 50 Hz, and models and their images always have it. Where the mains have
60 Hz, their line stays in the signal and aliases to 40 Hz at 100 Hz, where it looks like chin
tone: what people see and what is measured is then filtered with a notch at 60 Hz instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal as dsp

from psg.errors import PsgError
from psg.montage import Derivation
from psg.stages import EPOCH_S

MODEL_SFREQ_HZ = 100.0
EEG_BAND_HZ = (0.3, 35.0)
EMG_BAND_HZ = (10.0, 100.0)
MAINS_HZ = 50.0
MAINS_Q = 20.0
_ORDER = 4
_NYQUIST_SHARE = 0.999
# Arrays of a night are filtered in place, in small pieces, to save memory.
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
        The filtered channel in uV at 100 Hz.

    Raises
    ------
    PsgError
        When the rate is too low for the band, or the channel too short to filter.
    """
    filtered = filter_native(signal_uv, sfreq_hz, derivation)
    count = int(len(signal_uv) / sfreq_hz * MODEL_SFREQ_HZ + 1e-6)
    return resample_linear(filtered, sfreq_hz, start_s=0.0, count=count)


def filter_native(
    signal_uv: Samples, sfreq_hz: float, derivation: Derivation
) -> NDArray[np.float64]:
    """Filter a whole channel, (samples,) in uV, at its own rate; shape and unit stay.

    Raises
    ------
    PsgError
        When the rate is too low for the band, or the channel too short to filter.
    """
    filtered = np.array(signal_uv, dtype=np.float64)
    filter_in_place(filtered, sfreq_hz, derivation)
    return filtered


def filter_in_place(
    signal_uv: Samples,
    sfreq_hz: float,
    derivation: Derivation,
    *,
    mains_hz: float = MAINS_HZ,
) -> None:
    """Filter as `filter_native` does, in place, so that a night is in memory only once."""
    for sections in filters_for(sfreq_hz, derivation, mains_hz):
        _zero_phase_in_place(sections, signal_uv)


def resample_linear(
    signal_uv: Samples, sfreq_hz: float, *, start_s: float, count: int
) -> NDArray[np.float32]:
    """Interpolate linearly at 100 Hz.

    Parameters
    ----------
    signal_uv : ndarray, shape (samples,)
        In uV at ``sfreq_hz``.
    start_s : float
        Time of the first new sample, in seconds from the first old sample.
    count : int
        Number of new samples; past the end the last value is repeated.

    Returns
    -------
    ndarray of float32, shape (count,)
    """
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


def filter_joined(
    signal_uv: Samples, sfreq_hz: float, derivation: Derivation, starts_s: Sequence[float]
) -> NDArray[np.float32]:
    """Select epochs, join them, then filter and resample them as the published code does.

    Parameters
    ----------
    signal_uv : ndarray, shape (samples,)
        The channel in uV at its own rate, not filtered.
    starts_s : sequence of float
        Starts of the epochs, in seconds from the first sample.

    Returns
    -------
    ndarray of float32, shape (epochs, 3000)
    """
    size = round(EPOCH_S * sfreq_hz)
    starts = [round(start_s * sfreq_hz) for start_s in starts_s]
    joined = np.concatenate([signal_uv[start : start + size] for start in starts])
    filter_in_place(joined, sfreq_hz, derivation)
    count = len(starts) * round(EPOCH_S * MODEL_SFREQ_HZ)
    return resample_to_ends(joined, count).reshape(len(starts), -1)


def resample_to_ends(signal_uv: Samples, count: int) -> NDArray[np.float32]:
    """Interpolate linearly so that the last new sample lies on the last old sample.

    This stretches the time axis: at the end of a night at 256 Hz a wave comes 6 ms late.
    """
    places = np.linspace(0, len(signal_uv) - 1, count)
    return np.interp(places, np.arange(len(signal_uv)), signal_uv).astype(np.float32)


def band_hz(sfreq_hz: float, derivation: Derivation) -> tuple[float, float]:
    """Return the pass band in Hz, its upper edge kept below the Nyquist frequency."""
    low_hz, high_hz = EMG_BAND_HZ if derivation is Derivation.CHIN else EEG_BAND_HZ
    return low_hz, min(high_hz, _NYQUIST_SHARE * sfreq_hz / 2)


@lru_cache(maxsize=64)
def filters_for(
    sfreq_hz: float, derivation: Derivation, mains_hz: float = MAINS_HZ
) -> tuple[NDArray[np.float64], ...]:
    """Return the filters of a derivation as second-order sections, (n_sections, 6) each.

    The first is a Butterworth band-pass of order 4; the second, where the sampling rate allows it,
    a notch of quality 20 at the frequency of the mains.

    Raises
    ------
    PsgError
        When the rate is too low for the band.
    """
    low_hz, high_hz = band_hz(sfreq_hz, derivation)
    if high_hz <= low_hz:
        raise PsgError(
            f"A sampling rate of {sfreq_hz:g} Hz is too low for {derivation.value}",
            advice=f"It needs more than {2 * low_hz:g} Hz.",
        )
    band = dsp.butter(_ORDER, (low_hz, high_hz), btype="bandpass", fs=sfreq_hz, output="sos")
    notch = notch_for(sfreq_hz, mains_hz)
    return (band,) if notch is None else (band, notch)


def notch_for(sfreq_hz: float, mains_hz: float) -> NDArray[np.float64] | None:
    """Return a notch as second-order sections; None where the rate has no room for it."""
    if _NYQUIST_SHARE * sfreq_hz / 2 <= mains_hz:
        return None
    return np.asarray(dsp.tf2sos(*dsp.iirnotch(mains_hz, MAINS_Q, fs=sfreq_hz)))


def _zero_phase_in_place(sections: NDArray[np.float64], samples: Samples) -> None:
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
    sections: NDArray[np.float64], samples: Samples, state: NDArray[np.float64]
) -> NDArray[np.float64]:
    for first in range(0, len(samples), _CHUNK):
        piece = samples[first : first + _CHUNK]
        piece[:], state = dsp.sosfilt(sections, piece, zi=state)
    return state
