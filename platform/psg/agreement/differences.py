"""Bias and limits of agreement of what two scorers measure of the same nights.

Bland and Altman (1986): the mean of the differences, and the range in which 95 % of them are
expected. Undefined differences (a stage that never came) are left out measure by measure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.agreement.sums import Floats, RecordingSums, over

LIMITS_AT_SDS = 1.96


@dataclass(frozen=True)
class DifferenceSums(RecordingSums):
    """Sums over nights of differences of several measures; leading axes are kept."""

    counts: Floats
    """Nights in which the difference is known; (..., n_measures)."""
    totals: Floats
    """Sum of differences; (..., n_measures)."""
    squares: Floats
    """Sum of squared differences; (..., n_measures)."""

    @classmethod
    def of(cls, differences: NDArray[np.floating]) -> DifferenceSums:
        """Take (n_nights, n_measures) differences, NaN where unknown, night by night."""
        known = ~np.isnan(differences)
        values = np.where(known, differences, 0.0)
        return cls(known.astype(np.float64), values, values**2)


def bias(sums: DifferenceSums) -> Floats:
    """Mean difference; NaN without a night."""
    return over(sums.totals, sums.counts)


def spread(sums: DifferenceSums) -> Floats:
    """Standard deviation of the differences; NaN with fewer than two nights."""
    apart = sums.squares - over(sums.totals**2, sums.counts)
    return np.sqrt(np.maximum(over(apart, np.maximum(sums.counts - 1, 0)), 0))


def limits(sums: DifferenceSums) -> tuple[Floats, Floats]:
    """Lower and upper limit of agreement."""
    middle, reach = bias(sums), LIMITS_AT_SDS * spread(sums)
    return middle - reach, middle + reach
