"""Intervals by a bootstrap over subjects, each drawn with all their recordings.

Epochs are not drawn, since epochs of a night, and nights of a subject, are not independent.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

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
        if self._subjects < 2:
            return [Interval(float(value), np.nan, np.nan, self._subjects) for value in values]
        replicates, left_out = statistic(self.times), statistic(self.without)
        return [
            self._interval(float(value), _defined(replicates[:, place]), _defined(apart))
            for place, (value, apart) in enumerate(zip(values, left_out.T, strict=True))
        ]

    def _interval(self, value: float, replicates: Floats, left_out: Floats) -> Interval:
        if np.isnan(value) or not len(replicates) or len(left_out) < 2:
            return Interval(value, np.nan, np.nan, self._subjects)
        low, high = np.quantile(replicates, self._quantiles(value, replicates, left_out))
        return Interval(value, float(low), float(high), self._subjects)

    @property
    def _subjects(self) -> int:
        return len(self.without)

    def _quantiles(self, value: float, replicates: Floats, left_out: Floats) -> Floats:
        count = self._subjects
        # Equal numbers of the same data may differ in their last bits by the order of a sum.
        equal = np.isclose(replicates, value, rtol=1e-12, atol=0)
        below = ((replicates < value) & ~equal).mean() + equal.mean() / 2
        bias = stats.norm.ppf(np.clip(below, 0.5 / len(replicates), 1 - 0.5 / len(replicates)))
        reach = np.sqrt(count / (count - 1)) * stats.t.ppf((1 + self.level) / 2, count - 1)
        place = bias + np.array([-reach, reach])
        return stats.norm.cdf(bias + place / (1 - _acceleration(left_out) * place))


def _acceleration(left_out: Floats) -> float:
    """Skewness of the influence of single subjects, from leaving each out in turn."""
    apart = left_out.mean() - left_out
    spread = float((apart**2).sum())
    return float((apart**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0


def _defined(values: Floats) -> Floats:
    return values[~np.isnan(values)]
