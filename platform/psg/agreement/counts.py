"""Who chose what, item by item, and its sums over recordings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.agreement.sums import RecordingSums

MISSING = -1


def category_counts(codes: NDArray[np.integer], category_count: int) -> NDArray[np.int64]:
    """Count how often each item was given each category.

    Parameters
    ----------
    codes
        (n_items, n_raters) of 0 .. category_count - 1; -1 where a rater gave none.

    Returns
    -------
    (n_items, category_count)
    """
    codes = np.asarray(codes)
    if codes.min(initial=0) < MISSING or codes.max(initial=0) >= category_count:
        raise ValueError(f"codes go from {MISSING} to {category_count - 1}")
    return (codes[..., None] == np.arange(category_count)).sum(axis=-2, dtype=np.int64)


@dataclass(frozen=True)
class CategorySums(RecordingSums):
    """Sums over items from which the chance-corrected measures follow.

    The last axes are named below; any leading axes (recordings, bootstrap replicates) are kept by
    every measure. With m the number of ratings of an item and n_c how many of them chose c:
    """

    pairs: NDArray[np.float64]
    """Sum of n_c (n_d - [c = d]) / (m (m - 1)) over items with m >= 2; (..., K, K)."""
    coincidences: NDArray[np.float64]
    """Sum of n_c (n_d - [c = d]) / (m - 1) over items with m >= 2; (..., K, K)."""
    shares: NDArray[np.float64]
    """Sum of n_c / m over items with m >= 1; (..., K)."""
    rated: NDArray[np.float64]
    """Items with m >= 1; (...)."""
    paired: NDArray[np.float64]
    """Items with m >= 2; (...)."""

    @classmethod
    def of(cls, counts: NDArray[np.integer]) -> CategorySums:
        """Sum over all items of (n_items, K) counts."""
        given = counts.sum(axis=-1)
        rated, paired = given >= 1, given >= 2
        n = counts[paired].astype(np.float64)
        m = given[paired].astype(np.float64)
        return cls(
            pairs=_ordered_pairs(n, 1 / (m * (m - 1))),
            coincidences=_ordered_pairs(n, 1 / (m - 1)),
            shares=(counts[rated] / given[rated, None]).sum(axis=0),
            rated=np.asarray(rated.sum(), dtype=np.float64),
            paired=np.asarray(paired.sum(), dtype=np.float64),
        )


def _ordered_pairs(n: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    weighted = n * weight[:, None]
    return weighted.T @ n - np.diag(weighted.sum(axis=0))
