"""Sleep spindle: a train of 11-16 Hz waves of at least 0.5 s, maximal over the central derivation.

Definition: AASM manual (Iber et al. 2007). A burst of the band ends where it has fallen to half its
height. Experts mark a burst the more readily, the more it rises above what is usual around it, the
longer it lasts and the larger its share of the EEG; below slow waves they accept a smaller share.
`Bursts.distinctness` multiplies the four. Exponents and limit are ours, chosen with the marks of
two experts (DREAMS): `python -m benchmarks.evidence.spindle_weights` compares the exponents with
those of a logistic regression, and leaves excerpts out.

Waking EEG has alpha and beta bursts of these frequencies. It is told by little slow against much
fast activity in the surrounding half minute, as in Lacourse et al. 2019 (J Neurosci Methods 316:3),
whose limit is used. To exclude alpha in sleep, the band below must have less power.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks, peak_widths

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import (
    Runs,
    background,
    events_of,
    frequencies_hz,
    maxima,
    means,
    moving_rms,
    peak_to_peak,
)
from psg.montage import Derivation

KIND = "spindle"
BAND_HZ = (11.0, 16.0)
SHORTEST_S, LONGEST_S = 0.45, 3.0
"""Between the half heights; the waves of a burst go on a little longer."""
LEAST_RMS_UV = 3.0
LEAST_BACKGROUND_UV = 1.0
"""A flat stretch is no background: beside it, every burst would stand out."""
LEAST_DISTINCTNESS = 1.7
LEAST_SLOW_TO_FAST = 10**0.9
"""Lacourse et al. 2019: 0.5-8 Hz against 16-30 Hz; below it, the EEG is awake."""
LEAST_FAST_UV = 1.5
"""Less than this is noise, which says nothing of being awake."""
BACKGROUND_S, AROUND_S = 60.0, 30.0
_WINDOW_S = 0.5


@dataclass(frozen=True)
class Bursts:
    """Bursts of the spindle band, and what makes them distinct; arrays of shape (n,)."""

    runs: Runs
    times_background: NDArray[np.float64]
    share: NDArray[np.float64]
    slow_to_fast: NDArray[np.float64]
    fast_uv: NDArray[np.float64]
    over_alpha: NDArray[np.float64]

    @property
    def distinctness(self) -> NDArray[np.float64]:
        """Return how distinct each burst is; (n,)."""
        size_and_length = self.times_background * self.runs.durations_s
        return size_and_length * self.share * self.slow_to_fast ** (1 / 6)


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find spindles over C4: 11-16 Hz, 0.5-3 s, with size (uV) and frequency (Hz)."""
    if Derivation.C4 not in night or not night.sample_count:
        return []
    sigma = night.band(Derivation.C4, *BAND_HZ)
    bursts = bursts_of(night)
    runs = bursts.runs.where(may_be_spindles(bursts) & (bursts.distinctness >= LEAST_DISTINCTNESS))
    return events_of(
        KIND,
        Derivation.C4,
        runs,
        peak_to_peak_uv=peak_to_peak(sigma, runs),
        frequency_hz=frequencies_hz(sigma, runs),
    )


def may_be_spindles(bursts: Bursts) -> NDArray[np.bool_]:
    """Tell which bursts lie in sleep and are no alpha; (n,)."""
    is_awake = (bursts.slow_to_fast < LEAST_SLOW_TO_FAST) & (bursts.fast_uv >= LEAST_FAST_UV)
    return ~is_awake & (bursts.over_alpha > 1)


def bursts_of(night: ContinuousNight) -> Bursts:
    """Return the bursts of C4 that have the frequency, length and least size of a spindle."""
    sigma = night.band(Derivation.C4, *BAND_HZ)
    level_uv = moving_rms(sigma, 0.3)
    runs = _halves(level_uv)
    pitch_hz = frequencies_hz(sigma, runs)
    lasting = (runs.durations_s >= SHORTEST_S) & (runs.durations_s <= LONGEST_S)
    runs = runs.where(lasting & (pitch_hz >= BAND_HZ[0]) & (pitch_hz <= BAND_HZ[1]))

    def power(lo_hz: float, hi_hz: float, window_s: float) -> NDArray[np.float64]:
        # A floor, so that a flat line is no division by zero.
        return means(night.band_power(Derivation.C4, lo_hz, hi_hz, window_s), runs) + 1e-6

    fast = power(16.0, 30.0, AROUND_S)
    band = power(*BAND_HZ, _WINDOW_S)
    return Bursts(
        runs,
        times_background=maxima(level_uv, runs)
        / np.maximum(means(background(sigma, BACKGROUND_S), runs), LEAST_BACKGROUND_UV),
        share=np.minimum(band / power(2.0, 30.0, _WINDOW_S), 1.0),
        slow_to_fast=power(0.5, 8.0, AROUND_S) / fast,
        fast_uv=np.sqrt(fast),
        over_alpha=band / power(7.5, 10.5, _WINDOW_S),
    )


def _halves(level_uv: NDArray[np.float64]) -> Runs:
    """Return the runs around maxima in which the level is at least half as high.

    A maximum in the run of a higher one is part of it, so runs do not overlap.
    """
    peaks, _ = find_peaks(level_uv, height=LEAST_RMS_UV)
    heights, first, last = level_uv[peaks], np.zeros_like(peaks), np.full_like(peaks, -1)
    last += len(level_uv)
    _, _, starts, ends = peak_widths(level_uv, peaks, 0.5, (heights, first, last))
    runs = Runs(np.ceil(starts).astype(np.int64), np.floor(ends).astype(np.int64) + 1)
    return runs.where(maxima(level_uv, runs) <= heights)
