"""Intervals by a bootstrap over subjects, each drawn with all their recordings.

Epochs are not drawn, since epochs of a night, and nights of a subject, are not independent.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from psg.agreement.sums import Floats

FEWEST_FOR_HONEST_INTERVALS = 20


@dataclass(frozen=True)
class Interval:
    """A value with its interval and its number of subjects. Bounds are NaN without an interval."""

    value: float
    low: float
    high: float
    subjects: int

    @property
    def runs_narrow(self) -> bool:
        """Whether there are so few subjects that the interval is too narrow."""
        return self.subjects < FEWEST_FOR_HONEST_INTERVALS


UNDEFINED = Interval(np.nan, np.nan, np.nan, 0)


def draw_subjects(count: int, *, replicates: int, seed: int) -> NDArray[np.float64]:
    """Draw how often each subject is in each replicate; (replicates, count)."""
    draws = np.random.default_rng(seed).multinomial(count, [1 / count] * count, size=replicates)
    return draws.astype(np.float64)


@dataclass(frozen=True)
class Bootstrap:
    """Draws of subjects, the same for all figures that are compared.

    The bounds are those of the bias-corrected and accelerated bootstrap (Efron 1987), with
    quantiles of Student's t with n - 1 degrees of freedom for n subjects (Hesterberg 2015),
    since plain percentiles are about 5 % too narrow with 20 subjects. Recordings of a
    subject are drawn, and left out, together (a cluster bootstrap: Davison and Hinkley 1997, 3.8).
    """

    times: Floats
    """How often each recording counts in each replicate; (replicates, n_recordings)."""
    without: Floats
    """The same with each subject left out in turn; (n_subjects, n_recordings)."""
    level: float = 0.95

    @classmethod
    def of(cls, subjects: int, *, replicates: int = 1000, seed: int = 0) -> Bootstrap:
        """Draw from so many subjects, each with a single recording or sum."""
        return cls.of_recordings(range(subjects), replicates=replicates, seed=seed)

    @classmethod
    def of_recordings(
        cls, subjects: Sequence[Hashable], *, replicates: int = 1000, seed: int = 0
    ) -> Bootstrap:
        """Draw from the subjects of recordings; `subjects` says whose each recording is."""
        places = {subject: place for place, subject in enumerate(dict.fromkeys(subjects))}
        of_recording = [places[subject] for subject in subjects]
        drawn = draw_subjects(len(places), replicates=replicates, seed=seed)
        return cls(drawn[:, of_recording], (1 - np.eye(len(places)))[:, of_recording])

    def interval(self, statistic: Callable[[Floats], Floats]) -> Interval:
        """Compute a statistic with its interval.

        Parameters
        ----------
        statistic
            Takes (..., n_recordings) of how often each recording counts, gives (...) values.
        """
        return self.intervals(lambda times: statistic(times)[..., None])[0]

    def intervals(self, statistic: Callable[[Floats], Floats]) -> list[Interval]:
        """Compute several statistics at once, each with its interval.

        Parameters
        ----------
        statistic
            Takes (..., n_recordings) of how often each recording counts, gives (..., n) values.
        """
        values = statistic(np.ones(self.times.shape[-1]))
        nothing = np.full(len(values), np.nan)
        lows, highs = nothing, nothing
        if self._subjects > 1:
            lows, highs = self._bounds(values, statistic(self.times), statistic(self.without))
        return [
            Interval(float(value), float(low), float(high), self._subjects)
            for value, low, high in zip(values, lows, highs, strict=True)
        ]

    @property
    def _subjects(self) -> int:
        return len(self.without)

    def _bounds(self, values: Floats, replicates: Floats, left_out: Floats) -> tuple[Floats, ...]:
        """Return the bounds of n values; (2, n), NaN where there is no interval.

        Replicates in which a value is undefined do not count for it.
        """
        # A row for each value: sums over a row do not depend on how many rows there are.
        replicates = np.sort(np.ascontiguousarray(replicates.T), axis=-1)  # NaN last
        apart = np.ascontiguousarray(left_out.T)
        defined = (~np.isnan(replicates)).sum(axis=-1)
        has_interval = ~np.isnan(values) & (defined > 0) & ((~np.isnan(apart)).sum(axis=-1) > 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = self._quantiles(values, replicates, defined, apart)
            bounds = [_quantile(replicates, defined, share) for share in shares]
        return tuple(np.where(has_interval, bound, np.nan) for bound in bounds)

    def _quantiles(
        self, values: Floats, replicates: Floats, defined: NDArray[np.int64], apart: Floats
    ) -> Floats:
        """Return which share of the replicates lies below each bound; (2, n)."""
        count = self._subjects
        # Equal numbers of the same data may differ in their last bits by the order of a sum.
        equal = np.isclose(replicates, values[:, None], rtol=1e-12, atol=0)
        below = ((replicates < values[:, None]) & ~equal).sum(axis=-1) + equal.sum(axis=-1) / 2
        place = np.clip(below / defined, 0.5 / defined, 1 - 0.5 / defined)
        reach = np.sqrt(count / (count - 1)) * special.stdtrit(count - 1, (1 + self.level) / 2)
        bias = special.ndtri(place)
        away = bias + np.array([[-reach], [reach]])
        return np.asarray(special.ndtr(bias + away / (1 - _acceleration(apart) * away)))


def _quantile(rows: Floats, defined: NDArray[np.int64], shares: Floats) -> Floats:
    """Quantiles of sorted rows whose first `defined` values count, as `numpy.quantile`; (n,)."""
    last = np.maximum(defined - 1, 0)
    place = np.nan_to_num(shares) * last
    below = np.floor(place).astype(np.int64)
    low, high = (
        np.take_along_axis(rows, at[:, None], axis=-1)[:, 0]
        for at in (below, np.minimum(below + 1, last))
    )
    return low + (high - low) * (place - below)


def _acceleration(left_out: Floats) -> Floats:
    """Skewness of the influence of single subjects, from leaving each out in turn.

    Parameters
    ----------
    left_out
        (n, n_subjects) values without each subject, NaN where undefined.
    """
    counted = ~np.isnan(left_out)
    middle = np.where(counted, left_out, 0).sum(axis=-1) / counted.sum(axis=-1)
    apart = np.where(counted, middle[:, None] - left_out, 0)
    spread = (apart**2).sum(axis=-1)
    return np.where(spread > 0, (apart**3).sum(axis=-1) / (6 * spread * np.sqrt(spread)), 0.0)
