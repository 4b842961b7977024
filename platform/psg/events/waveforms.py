"""Measures on sampled signals that detectors share: runs of samples, single waves, events.

A wave is a negative half followed by a positive half, as in Massimini et al. 2004
(J Neurosci 24:6862).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter, uniform_filter1d

from psg.events.continuous import SFREQ_HZ
from psg.events.event import DetectedEvent
from psg.montage import Derivation
from psg.night import SAMPLES_PER_EPOCH

Mask = NDArray[np.bool_]
Signal = NDArray[np.floating]


@dataclass(frozen=True)
class Runs:
    """Half-open sample ranges; ``starts`` and ``ends`` have shape (n_runs,)."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.starts)

    def where(self, keep: Mask) -> Runs:
        return Runs(self.starts[keep], self.ends[keep])

    @property
    def durations_s(self) -> NDArray[np.float64]:
        return (self.ends - self.starts) / SFREQ_HZ


def runs_of(mask: Mask) -> Runs:
    """Return the stretches where a mask, (n_samples,), is true."""
    edges = np.diff(np.concatenate([[0], mask.astype(np.int8), [0]]))
    return Runs(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1))


def widened(runs: Runs, by_s: float, sample_count: int) -> Runs:
    """Return runs that begin earlier and end later, inside a signal of so many samples."""
    by = round(by_s * SFREQ_HZ)
    return Runs(np.maximum(runs.starts - by, 0), np.minimum(runs.ends + by, sample_count))


def long_runs(mask: Mask, *, shortest_s: float, gap_s: float = 0.0) -> Runs:
    """Return stretches of at least ``shortest_s``, after closing gaps of up to ``gap_s``."""
    runs = runs_of(mask)
    if len(runs) and gap_s > 0:
        apart = runs.starts[1:] - runs.ends[:-1] > gap_s * SFREQ_HZ
        runs = Runs(
            runs.starts[np.concatenate([[True], apart])], runs.ends[np.concatenate([apart, [True]])]
        )
    return runs.where(runs.durations_s >= shortest_s)


def moving_mean(signal: Signal, window_s: float) -> NDArray[np.float64]:
    width = max(round(window_s * SFREQ_HZ), 1)
    return uniform_filter1d(np.asarray(signal, dtype=np.float64), width, mode="nearest")


def moving_power(signal: Signal, window_s: float) -> NDArray[np.float64]:
    """Return the mean square in a centred window, (n_samples,) in uV^2."""
    squared = np.square(signal, dtype=np.float64)
    return np.maximum(moving_mean(squared, window_s), 0.0)


def moving_rms(signal: Signal, window_s: float) -> NDArray[np.float64]:
    return np.sqrt(moving_power(signal, window_s))


def maxima(signal: Signal, runs: Runs) -> NDArray[np.float64]:
    return _reduce(np.maximum, signal, runs)


def minima(signal: Signal, runs: Runs) -> NDArray[np.float64]:
    return _reduce(np.minimum, signal, runs)


def means(signal: Signal, runs: Runs) -> NDArray[np.float64]:
    return _reduce(np.add, signal, runs) / np.maximum(runs.ends - runs.starts, 1)


def peak_to_peak(signal: Signal, runs: Runs) -> NDArray[np.float64]:
    return maxima(signal, runs) - minima(signal, runs)


def frequencies_hz(signal: Signal, runs: Runs) -> NDArray[np.float64]:
    """Return the frequency of a narrow-band signal in each run, from zero crossings."""
    crossings = np.zeros(len(signal), dtype=np.float64)
    crossings[1:] = np.signbit(signal[1:]) != np.signbit(signal[:-1])
    return means(crossings, runs) * SFREQ_HZ / 2


def background(signal: Signal, window_s: float) -> NDArray[np.float64]:
    """Return the usual size of a signal around each sample, (n_samples,) in uV.

    The median over seconds of their mean absolute value, so that single large waves do not count.
    """
    seconds = len(signal) // SFREQ_HZ
    if not seconds:
        return np.full(len(signal), np.inf)
    pieces = np.abs(signal[: seconds * SFREQ_HZ], dtype=np.float64).reshape(seconds, SFREQ_HZ)
    usual = median_filter(pieces.mean(axis=1), round(window_s), mode="nearest")
    return np.append(np.repeat(usual, SFREQ_HZ), np.full(len(signal) % SFREQ_HZ, usual[-1]))


def in_epochs(signal: Signal) -> Signal:
    """Return the whole epochs of a signal; (n_epochs, samples of an epoch)."""
    whole = signal[: len(signal) // SAMPLES_PER_EPOCH * SAMPLES_PER_EPOCH]
    return whole.reshape(-1, SAMPLES_PER_EPOCH)


def _reduce(operation: np.ufunc, signal: Signal, runs: Runs) -> NDArray[np.float64]:
    if not len(runs):
        return np.zeros(0)
    bounds = np.stack([runs.starts, runs.ends], axis=1).ravel()
    # reduceat needs indices inside the signal, so a sample is added for the end of the last run.
    padded = np.append(np.asarray(signal, dtype=np.float64), 0.0)
    return operation.reduceat(padded, bounds)[::2]


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
    """Return the waves of a zero-mean signal in uV, from a falling zero crossing to the next."""
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


Measures = NDArray[np.floating]


def events_of(
    kind: str,
    derivation: Derivation,
    runs: Runs,
    *,
    peak_to_peak_uv: Measures | None = None,
    frequency_hz: Measures | None = None,
) -> list[DetectedEvent]:
    """Return an event for each run; measures have shape (n_runs,)."""
    return [
        DetectedEvent(kind, derivation, start / SFREQ_HZ, end / SFREQ_HZ, size, pitch)
        for start, end, size, pitch in zip(
            runs.starts.tolist(),
            runs.ends.tolist(),
            _column(peak_to_peak_uv, len(runs)),
            _column(frequency_hz, len(runs)),
            strict=True,
        )
    ]


def _column(measures: Measures | None, count: int) -> Iterable[float | None]:
    return [None] * count if measures is None else np.round(measures, 3).tolist()
