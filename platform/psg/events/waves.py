"""Slow oscillations cut at their zero crossings, shared by slow waves and K complexes.

A wave is a negative half followed by a positive half, as in Massimini et al. 2004
(J Neurosci 24:6862).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ
from psg.events.tools import Runs, maxima, minima


@dataclass(frozen=True)
class Waves:
    """Measures of n waves, each of shape (n,)."""

    runs: Runs
    trough_uv: NDArray[np.float64]
    peak_uv: NDArray[np.float64]
    negative_s: NDArray[np.float64]
    positive_s: NDArray[np.float64]

    @property
    def peak_to_peak_uv(self) -> NDArray[np.float64]:
        return self.peak_uv - self.trough_uv

    @property
    def duration_s(self) -> NDArray[np.float64]:
        return self.negative_s + self.positive_s


def negative_first_waves(signal: NDArray[np.floating]) -> Waves:
    """All waves of a slow, zero-mean signal, from one falling zero crossing to the next."""
    negative = signal < 0
    steps = np.diff(negative.astype(np.int8))
    falls = np.flatnonzero(steps == 1) + 1
    rises = np.flatnonzero(steps == -1) + 1
    starts, ends = falls[:-1], falls[1:]
    middles = rises[np.searchsorted(rises, starts)] if len(starts) else starts
    return Waves(
        runs=Runs(starts, ends),
        trough_uv=minima(signal, Runs(starts, middles)),
        peak_uv=maxima(signal, Runs(middles, ends)),
        negative_s=(middles - starts) / SFREQ_HZ,
        positive_s=(ends - middles) / SFREQ_HZ,
    )
