"""Deflections for the eye detectors: stretches between turning points of the two eye channels.

An eye movement moves E1 and E2 in opposite directions, while EEG moves both in the same direction.
So movements are detected in the difference E2 - E1. Slow waves reach both eyes with different
sizes, so their difference moves as well: a movement must be larger than EEG can explain.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.waveforms import Runs, means, moving_mean, peak_to_peak, widened
from psg.montage import EEG_DERIVATIONS, Derivation


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
    def conjugate_uv(self) -> NDArray[np.float64]:
        """Size of the difference if both eyes moved as far as they do together; 0 otherwise.

        Twice the geometric mean, so that an eye alone does not make a movement.
        """
        return np.asarray(2 * np.sqrt(np.maximum(-self.left_uv * self.right_uv, 0.0)))

    @property
    def speed_uv_s(self) -> NDArray[np.float64]:
        return np.abs(self.change_uv) / self.runs.durations_s


def has_eyes(night: ContinuousNight) -> bool:
    return Derivation.E1 in night and Derivation.E2 in night


def without_eeg(present: Collection[Derivation]) -> str:
    """Say why no movement of the eyes can be told with these derivations; or nothing."""
    if any(derivation in present for derivation in EEG_DERIVATIONS):
        return ""
    return "Without an EEG derivation movements of the eyes cannot be told from slow waves."


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


MOST_EEG_SHARE, MOST_FRONTAL_SHARE = 0.5, 0.8
"""Largest swing of the EEG beside a movement, relative to it. Movements of the eyes reach the
forehead, so F4 may swing more where another derivation shows that the EEG does not."""
AROUND_S = 0.1
TIMES_SHARED, TIMES_SHARED_ALONE = 6.0, 9.0
"""How far a movement exceeds what both eyes share around it: with all EEG derivations, and with
fewer, which do not show every wave that may reach the eyes."""
SHARED_S = 10.0


def beyond_brain(
    night: ContinuousNight, moves: Deflections, lo_hz: float, hi_hz: float
) -> NDArray[np.bool_]:
    """Return which deflections are larger than EEG explains; (n,).

    The EEG must not swing much meanwhile, and the deflection must exceed what both eyes have in
    common around it, since in sleep with slow waves the eyes share these.
    """
    size_uv = np.abs(moves.change_uv)
    shared = (night.band(Derivation.E1, lo_hz, hi_hz) + night.band(Derivation.E2, lo_hz, hi_hz)) / 2
    shared_uv = means(moving_mean(np.abs(shared), SHARED_S), moves.runs)
    present = [derivation for derivation in EEG_DERIVATIONS if derivation in night]
    is_complete = len(present) == len(EEG_DERIVATIONS)
    beyond = size_uv >= (TIMES_SHARED if is_complete else TIMES_SHARED_ALONE) * shared_uv
    around = widened(moves.runs, AROUND_S, night.sample_count)
    for derivation in present:
        is_frontal = derivation is Derivation.F4 and len(present) > 1
        share = MOST_FRONTAL_SHARE if is_frontal else MOST_EEG_SHARE
        swing_uv = peak_to_peak(night.band(derivation, lo_hz, hi_hz), around)
        beyond &= swing_uv <= share * size_uv
    return np.asarray(beyond)


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
