"""Deflections for the eye detectors: stretches between turning points of the two eye channels.

An eye movement moves E1 and E2 in opposite directions, while EEG moves both in the same direction.
So movements are detected in the difference E2 - E1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.waveforms import Runs
from psg.montage import Derivation


@dataclass(frozen=True)
class Deflections:
    """Stretches between turning points; arrays of shape (n,), changes in uV with their sign."""

    runs: Runs
    change_uv: NDArray[np.float64]
    left_uv: NDArray[np.float64]
    right_uv: NDArray[np.float64]

    @property
    def opposite(self) -> NDArray[np.bool_]:
        """Whether both eyes move in opposite directions, each by a fifth of the sum or more."""
        weaker = np.minimum(np.abs(self.left_uv), np.abs(self.right_uv))
        return (self.left_uv * self.right_uv < 0) & (weaker >= 0.2 * np.abs(self.change_uv))

    @property
    def speed_uv_s(self) -> NDArray[np.float64]:
        return np.abs(self.change_uv) / self.runs.durations_s


def has_eyes(night: ContinuousNight) -> bool:
    return Derivation.E1 in night and Derivation.E2 in night


def deflections(night: ContinuousNight, lo_hz: float, hi_hz: float) -> Deflections:
    """Return the stretches between turning points of the band-passed difference E2 - E1."""
    left = night.band(Derivation.E1, lo_hz, hi_hz)
    right = night.band(Derivation.E2, lo_hz, hi_hz)
    difference = right - left
    turns = _turning_points(difference)
    runs = Runs(turns[:-1], turns[1:])
    return Deflections(
        runs=runs,
        change_uv=_change(difference, runs),
        left_uv=_change(left, runs),
        right_uv=_change(right, runs),
    )


def overlaps(runs: Runs, starts_s: NDArray[np.float64], ends_s: NDArray[np.float64]) -> NDArray:
    """Return which runs overlap any of the intervals (sorted, disjoint, in s); (n_runs,)."""
    if not len(starts_s):
        return np.zeros(len(runs), dtype=bool)
    following = np.searchsorted(ends_s * SFREQ_HZ, runs.starts, side="right")
    inside = following < len(starts_s)
    begins = starts_s[np.minimum(following, len(starts_s) - 1)] * SFREQ_HZ
    return np.asarray(inside & (begins < runs.ends))


def _turning_points(signal: NDArray[np.floating]) -> NDArray[np.int64]:
    rising = np.diff(signal) > 0
    return np.flatnonzero(rising[1:] != rising[:-1]) + 1


def _change(signal: NDArray[np.floating], runs: Runs) -> NDArray[np.float64]:
    return (signal[runs.ends] - signal[runs.starts]).astype(np.float64)
