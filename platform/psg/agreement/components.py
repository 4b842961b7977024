"""Reliability of ratings in an items x raters table that may have holes.

Scores are modelled as mean + item + rater + error, all random. The components come from Henderson's
method 1 (1953): four sums of squares are set equal to their expectations. On a complete table
that is the two-way analysis of variance, so the coefficients equal those of McGraw and Wong (1996).
With missing scores, as in balanced incomplete designs, all scores are used. The solution is closed,
so it can be computed in each replicate of a bootstrap. The table may hold repeated ratings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.agreement.sums import Floats, RecordingSums, over


@dataclass(frozen=True)
class ReliabilitySums(RecordingSums):
    """Sums over the items of a table of scores, which add up over recordings.

    Leading axes (recordings, bootstrap replicates) are kept.
    """

    items: Floats
    """Items rated at all; (...)."""
    squares: Floats
    """Sum of squared scores; (...)."""
    item_squares: Floats
    """Sum over items of (sum of scores)^2 / number of scores; (...)."""
    squared_counts: Floats
    """Sum over items of (number of scores)^2; (...)."""
    inverse_counts: Floats
    """Sum over items of 1 / number of scores; (...)."""
    rater_sums: Floats
    """Sum of scores of each rater; (..., n_raters)."""
    rater_counts: Floats
    """Number of scores of each rater; (..., n_raters)."""
    item_cells: Floats
    """Sum over items and raters of (scores in the cell)^2 / scores of the item; (...)."""
    rater_cells: Floats
    """Sum over items of (scores in the cell)^2, for each rater; (..., n_raters)."""

    @classmethod
    def of(cls, scores: NDArray[np.floating]) -> ReliabilitySums:
        """Sum over (n_items, n_raters) or (n_items, n_raters, n_repeats) scores, NaN for none."""
        table = scores if scores.ndim == 3 else scores[..., None]
        given = ~np.isnan(table)
        table, given = table[given.any(axis=(1, 2))], given[given.any(axis=(1, 2))]
        sums = np.nansum(table, axis=2)
        cells = given.sum(axis=2).astype(np.float64)
        counts = cells.sum(axis=1)
        return cls(
            items=np.asarray(len(counts), dtype=np.float64),
            squares=np.asarray(np.nansum(table**2)),
            item_squares=np.asarray((sums.sum(axis=1) ** 2 / counts).sum()),
            squared_counts=np.asarray((counts**2).sum()),
            inverse_counts=np.asarray((1 / counts).sum()),
            rater_sums=sums.sum(axis=0),
            rater_counts=cells.sum(axis=0),
            item_cells=np.asarray((cells**2 / counts[:, None]).sum()),
            rater_cells=(cells**2).sum(axis=0),
        )


@dataclass(frozen=True)
class VarianceComponents:
    """Variance between items, between raters and within, and the reliability from them."""

    item: Floats
    rater: Floats
    error: Floats
    raters_per_item: Floats
    """Harmonic mean of the number of scores of an item."""

    @property
    def icc_a1(self) -> Floats:
        """Absolute agreement of a single rater: severity counts as error."""
        return over(self.item, self.item + self.rater + self.error)

    @property
    def icc_ak(self) -> Floats:
        """Absolute agreement of the mean over an item's raters."""
        return over(self.item, self.item + (self.rater + self.error) / self.raters_per_item)

    @property
    def icc_c1(self) -> Floats:
        """Consistency of a single rater: constant severity does not count."""
        return over(self.item, self.item + self.error)

    @property
    def icc_ck(self) -> Floats:
        """Consistency of the mean over an item's raters."""
        return over(self.item, self.item + self.error / self.raters_per_item)


def variance_components(sums: ReliabilitySums) -> VarianceComponents:
    """Estimate the components; NaN where the design does not determine them.

    Components are not cut at zero: a negative estimate means that no variance was detected.
    """
    total = sums.rater_counts.sum(axis=-1)
    raters = (sums.rater_counts > 0).sum(axis=-1).astype(np.float64)
    shared = np.nansum(over(sums.rater_cells, sums.rater_counts), axis=-1)
    grand = over(sums.rater_sums.sum(axis=-1) ** 2, total)
    by_rater = np.nansum(over(sums.rater_sums**2, sums.rater_counts), axis=-1)
    left = np.stack(
        [sums.item_squares - grand, by_rater - grand, sums.squares - grand],
        axis=-1,
    )
    item_0 = over(sums.squared_counts, total)
    rater_0 = over((sums.rater_counts**2).sum(axis=-1), total)
    ones = np.ones_like(total)
    expected = np.stack(
        [
            np.stack([total - item_0, sums.item_cells - rater_0, sums.items - ones], axis=-1),
            np.stack([shared - item_0, total - rater_0, raters - ones], axis=-1),
            np.stack([total - item_0, total - rater_0, total - ones], axis=-1),
        ],
        axis=-2,
    )
    item, rater, error = np.moveaxis(_solve(expected, left), -1, 0)
    return VarianceComponents(item, rater, error, over(sums.items, sums.inverse_counts))


def _solve(matrices: Floats, right: Floats) -> Floats:
    """Solve each 3 x 3 system; NaN where it has no unique solution."""
    finite = np.asarray(np.isfinite(matrices).all(axis=(-2, -1)))[..., None, None]
    scale = np.abs(matrices).max(axis=(-2, -1), initial=1)
    sound = np.abs(np.linalg.det(np.where(finite, matrices, 0))) > 1e-9 * scale**2
    safe = np.where(np.asarray(sound)[..., None, None], matrices, np.eye(3))
    answers = np.linalg.solve(safe, right[..., None])[..., 0]
    return np.where(np.asarray(sound)[..., None], answers, np.nan)
