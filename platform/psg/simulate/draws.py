"""Random streams and the shapes drawn from them."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from numpy.random import Generator, SeedSequence
from numpy.typing import NDArray
from scipy.fft import next_fast_len

FloatArray = NDArray[np.floating]


def component_rng(seed: int, component: str) -> Generator:
    """Return the stream of one named component.

    Each component has a stream of its own, so a change in one generator leaves every other
    part of a night as it was.
    """
    return np.random.default_rng(SeedSequence([seed, crc32(component.encode())]))


def lognormal(rng: Generator, median: float, sigma: float) -> float:
    """Draw one value of the log-normal distribution with this median and log standard deviation."""
    return float(median * np.exp(sigma * rng.standard_normal()))


def clipped_normal(rng: Generator, mean: float, sd: float, low: float, high: float) -> float:
    """Draw one normal value, moved to the nearer limit when it falls outside."""
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
