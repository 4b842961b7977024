"""Random streams, shapes, times and coloured noise drawn from them."""

from __future__ import annotations

from collections.abc import Callable
from zlib import crc32

import numpy as np
from numpy.random import Generator, SeedSequence
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len

FloatArray = NDArray[np.floating]


def component_rng(seed: int, component: str) -> Generator:
    """Return the stream of a named component.

    Each component has a stream of its own, so a change in a generator leaves every other
    part of a night as it was.
    """
    return np.random.default_rng(SeedSequence([seed, crc32(component.encode())]))


def lognormal(rng: Generator, median: float, sigma: float) -> float:
    """Draw a value of the log-normal distribution with this median and log standard deviation."""
    return float(median * np.exp(sigma * rng.standard_normal()))


def clipped_normal(rng: Generator, mean: float, sd: float, low: float, high: float) -> float:
    """Draw a normal value, moved to the nearer limit when it falls outside."""
    return float(np.clip(rng.normal(mean, sd), low, high))


def smooth_noise(rng: Generator, count: int, correlation: float) -> FloatArray:
    """Unit-variance Gaussian noise with a Gaussian correlation over ``correlation`` samples.

    Parameters
    ----------
    count
        Length of the result.
    correlation
        Standard deviation, in samples, of the kernel that smooths white noise.
    """
    length = next_fast_len(count + int(6 * correlation), real=True)
    spectrum = np.fft.rfft(rng.standard_normal(length))
    spectrum *= np.exp(-2 * (np.pi * np.fft.rfftfreq(length) * correlation) ** 2)
    smooth = np.fft.irfft(spectrum, length)
    return (smooth / smooth.std())[:count]


def draw_times(rng: Generator, rate_per_s: FloatArray, *, gap_s: float = 0.0) -> FloatArray:
    """Draw the times of an inhomogeneous Poisson process by thinning.

    Parameters
    ----------
    rate_per_s
        Shape (n_seconds,): events per second in each second.
    gap_s
        Times closer than this to the previous time are dropped.
    """
    highest = float(rate_per_s.max(initial=0.0))
    if highest <= 0:
        return np.empty(0)
    count = rng.poisson(highest * len(rate_per_s))
    times = np.sort(rng.uniform(0, len(rate_per_s), count))
    times = times[rng.random(count) * highest < rate_per_s[times.astype(int)]]
    return _spaced(times, gap_s)


def _spaced(times: FloatArray, gap_s: float) -> FloatArray:
    kept: list[float] = []
    for time_s in times:
        if not kept or time_s - kept[-1] >= gap_s:
            kept.append(float(time_s))
    return np.array(kept)


# Coloured noise whose spectrum changes with time, by overlap-add of short random spectra.

FRAME_S = 4.0
HOP_S = FRAME_S / 2
_FRAMES_AT_ONCE = 256

Densities = Callable[[slice], FloatArray]


def frame_times(duration_s: float) -> FloatArray:
    """Centres of the frames that cover a recording, in seconds; the first lies at 0."""
    return np.arange(int(np.ceil(duration_s / HOP_S)) + 1) * HOP_S


def frame_frequencies(sfreq_hz: float) -> FloatArray:
    """Frequencies of a frame's spectrum in Hz."""
    return np.fft.rfftfreq(round(FRAME_S * sfreq_hz), 1 / sfreq_hz)


def add_coloured_noise(
    traces: NDArray[np.float32],
    rng: Generator,
    mixing: FloatArray,
    densities: Densities,
    sfreq_hz: float,
) -> None:
    """Add Gaussian noise with a given single-sided power density, frame by frame.

    Frames of 4 s overlap by half under a sine window, whose squares add up to 1: the power
    at any time is that of the frames around it.

    Parameters
    ----------
    traces
        Shape (n_traces, n_samples), uV; changed in place.
    mixing
        Shape (n_traces, n_sources), rows of unit length: how independent sources share into
        the traces, which sets the correlation between them.
    densities
        Called with a slice of frames, gives shape (n_frames, n_traces, n_frequencies) in
        uV^2/Hz at :func:`frame_frequencies`.
    """
    length = round(FRAME_S * sfreq_hz)
    hop = length // 2
    window = np.sin(np.pi * (np.arange(length) + 0.5) / length).astype(np.float32)
    frame_count = len(frame_times(traces.shape[1] / sfreq_hz))
    for first in range(0, frame_count, _FRAMES_AT_ONCE):
        frames = slice(first, min(first + _FRAMES_AT_ONCE, frame_count))
        spectra = _random_spectra(rng, mixing, densities(frames), sfreq_hz)
        waves = irfft(spectra, n=length, axis=-1) * window
        for place, wave in enumerate(waves):
            _overlap_add(traces, wave, (first + place) * hop - hop)


def _random_spectra(
    rng: Generator, mixing: FloatArray, densities: FloatArray, sfreq_hz: float
) -> NDArray[np.complex64]:
    frame_count, _, frequency_count = densities.shape
    shape = (frame_count, mixing.shape[1], frequency_count)
    sources = np.empty(shape, dtype=np.complex64)
    sources.real = rng.standard_normal(shape, dtype=np.float32)
    sources.imag = rng.standard_normal(shape, dtype=np.float32)
    mixed = np.matmul(mixing.astype(np.complex64), sources)
    # A sinusoid of power P has |X| = n * sqrt(P / 2); its density spreads over 1 / FRAME_S Hz.
    length = FRAME_S * sfreq_hz
    scale = length / 2 * np.sqrt(densities / FRAME_S)
    scale[..., 0] = 0.0
    return np.asarray(mixed * scale.astype(np.float32), dtype=np.complex64)


def _overlap_add(traces: NDArray[np.float32], wave: NDArray[np.float32], first: int) -> None:
    start, stop = max(first, 0), min(first + wave.shape[1], traces.shape[1])
    if stop > start:
        traces[:, start:stop] += wave[:, start - first : stop - first]
