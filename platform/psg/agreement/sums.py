"""Sums over the epochs of a recording that add up over recordings.

A bootstrap over subjects is then a matrix product of how often each recording was drawn and its
sums.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class RecordingSums:
    """Base of dataclasses whose every field is an array of sums; leading axes are kept."""

    @classmethod
    def stack(cls, parts: list[Self]) -> Self:
        """Stack parts along a leading axis, an entry for each recording."""
        return cls(*(np.stack(values) for values in zip(*map(_values, parts), strict=True)))

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """Join parts that have entries of different recordings, in their order."""
        return cls(*(np.concatenate(values) for values in zip(*map(_values, parts), strict=True)))

    def plus(self, other: Self) -> Self:
        """Add the sums over other epochs of the same recordings."""
        return type(self)(*(a + b for a, b in zip(_values(self), _values(other), strict=True)))

    def drawn(self, times: NDArray[np.floating]) -> Self:
        """Add up recordings, each as often as it was drawn: (..., n_recordings) of counts."""
        return type(self)(*(np.tensordot(times, part, axes=1) for part in _values(self)))


def over(numerator: Floats, denominator: Floats) -> Floats:
    """Divide, with NaN where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator == 0, np.nan, numerator / denominator)


def _values(sums: RecordingSums) -> list[Floats]:
    return [getattr(sums, field.name) for field in fields(sums)]


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
    # Threads of a matrix product would wait for one another longer than so small a product takes.
    return np.einsum("ic,id->cd", weighted, n) - np.diag(weighted.sum(axis=0))


# Epochs beside a change of stage, where scorers of any kind agree least.


def at_transition(codes: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Mark the epochs on both sides of every change of stage.

    A change counts where at least half of the scorers who scored both sides make it. So neither
    of two scorers is taken for the truth, while of twelve scorers six must agree: otherwise nearly
    every epoch would be a transition of some scorer. A single scorer's changes all count.

    Parameters
    ----------
    codes
        (n_epochs, n_scorers) of stage codes, -1 where a scorer gave none.

    Returns
    -------
    (n_epochs,)
    """
    codes = np.asarray(codes)
    both = (codes[1:] != MISSING) & (codes[:-1] != MISSING)
    changes = (both & (codes[1:] != codes[:-1])).sum(axis=1)
    change = (changes > 0) & (2 * changes >= both.sum(axis=1))
    mask = np.zeros(len(codes), dtype=np.bool_)
    mask[1:] |= change
    mask[:-1] |= change
    return mask


def only_where(codes: NDArray[np.integer], mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Leave out the epochs outside the mask, as if they were unscored."""
    return np.where(mask[:, None], codes, MISSING)
