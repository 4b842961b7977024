"""Agreement between pairs of scorers, epoch by epoch.

An epoch counts for a pair of scorers only when both scored it. With nothing in common, or with
chance agreement of 1, kappa is undefined and given as NaN, never as 0 or 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np
from numpy.typing import NDArray

from psg.agreement.sums import CategorySums, Floats, category_counts
from psg.stages import STAGES, UNSCORED_CODE, Stage, stage_codes

Stages = Sequence[Stage | None]


@dataclass(frozen=True)
class PairKappa:
    """Cohen's kappa of two scorings, by their places in the list that was compared."""

    first: int
    second: int
    kappa: float
    agreement: float
    epoch_count: int


def confusion(a: Stages, b: Stages) -> NDArray[np.int64]:
    """Count epochs by stage in ``a`` (rows) and ``b`` (columns); (5, 5), order of STAGES."""
    return _confusion_of_codes(stage_codes(a), stage_codes(b))


def cohen_kappa(a: Stages, b: Stages) -> float:
    """Cohen's kappa over the epochs that both scored (Cohen 1960)."""
    return kappa_of_confusion(confusion(a, b))


def agreement_rate(a: Stages, b: Stages) -> float:
    """Share of epochs given the same stage, of those that both scored; NaN when none."""
    return _rate_of_confusion(confusion(a, b))


def pairwise_kappas(scorings: Sequence[Stages]) -> list[PairKappa]:
    """Kappa of every pair, unscored epochs left out pair by pair."""
    codes = [stage_codes(scoring) for scoring in scorings]
    return [
        _pair(first, second, _confusion_of_codes(codes[first], codes[second]))
        for first, second in combinations(range(len(codes)), 2)
    ]


def mean_pairwise_kappa(scorings: Sequence[Stages]) -> float:
    """Mean of the kappas that are defined; NaN when none is."""
    kappas = [pair.kappa for pair in pairwise_kappas(scorings) if not math.isnan(pair.kappa)]
    return float(np.mean(kappas)) if kappas else math.nan


def kappa_of_confusion(counts: NDArray[np.integer]) -> float:
    """Cohen's kappa of a square table of counts; NaN where it is undefined."""
    return float(weighted_kappa(counts, np.eye(len(counts))))


def weighted_kappa(counts: NDArray[np.integer] | NDArray[np.floating], weights: NDArray) -> NDArray:
    """Weighted kappa (Cohen 1968) of (..., K, K) tables of counts; NaN where undefined."""
    size = counts.shape[-1]
    # A single matrix product for the weighted sum and both margins of every table.
    sums = counts.reshape(*counts.shape[:-2], size * size) @ _margins(size, weights)
    rows, columns = sums[..., 1 : size + 1], sums[..., size + 1 :]
    total = rows.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = ((rows @ weights) * columns).sum(axis=-1) / total**2
        kappa = (sums[..., 0] / total - expected) / (1 - expected)
    return np.where(np.isclose(expected, 1.0), np.nan, kappa)


def _margins(size: int, weights: NDArray) -> NDArray[np.float64]:
    """Columns that sum a flattened table weighted, by rows and by columns; (K * K, 1 + 2 K)."""
    identity = np.eye(size)
    rows, columns = np.repeat(identity, size, axis=0), np.tile(identity, (size, 1))
    return np.column_stack([weights.ravel(), rows, columns])


def _rate_of_confusion(counts: NDArray[np.int64]) -> float:
    total = counts.sum()
    return float(np.trace(counts) / total) if total else math.nan


def _pair(first: int, second: int, counts: NDArray[np.int64]) -> PairKappa:
    return PairKappa(
        first=first,
        second=second,
        kappa=kappa_of_confusion(counts),
        agreement=_rate_of_confusion(counts),
        epoch_count=int(counts.sum()),
    )


def _confusion_of_codes(a: NDArray[np.int8], b: NDArray[np.int8]) -> NDArray[np.int64]:
    if a.shape != b.shape:
        raise ValueError(f"scorings of {len(a)} and {len(b)} epochs cannot be compared")
    both = (a != UNSCORED_CODE) & (b != UNSCORED_CODE)
    size = len(STAGES)
    cells = a[both].astype(np.int64) * size + b[both]
    return np.bincount(cells, minlength=size * size).reshape(size, size)


@dataclass(frozen=True)
class AgreementSums:
    """Sums of a set of nights for all measures of agreement, an entry for each night."""

    categories: CategorySums
    pairs: Floats
    """Epochs by the stages of two scorers, in the order of combinations; (nights, pairs, K, K)."""

    @classmethod
    def of(cls, nights: Sequence[NDArray[np.integer]], category_count: int) -> AgreementSums:
        """Sum nights of (n_epochs, n_scorers) codes, -1 where a scorer gave none."""
        counts = [category_counts(night, category_count) for night in nights]
        return cls(
            categories=CategorySums.stack([CategorySums.of(night) for night in counts]),
            pairs=np.stack([pair_tables(night, category_count) for night in nights]),
        )

    @classmethod
    def joined(cls, parts: Sequence[AgreementSums]) -> AgreementSums:
        """Join the sums of different nights, in their order."""
        return cls(
            categories=CategorySums.joined([part.categories for part in parts]),
            pairs=np.concatenate([part.pairs for part in parts]),
        )

    def plus(self, other: Self) -> Self:
        """Add the sums over other epochs of the same nights."""
        return type(self)(self.categories.plus(other.categories), self.pairs + other.pairs)

    def pairs_drawn(self, times: NDArray[np.floating]) -> Floats:
        """Tables of all pairs, each night as often as it was drawn; (..., pairs, K, K)."""
        return np.tensordot(times, self.pairs, axes=1)


def mean_pair_kappa(tables: Floats, weights: Floats | None = None) -> Floats:
    """Mean over pairs of Cohen's (weighted) kappa where defined; (..., pairs, K, K) to (...)."""
    if weights is None:
        weights = np.eye(tables.shape[-1])
    kappas = weighted_kappa(tables, weights)
    known = ~np.isnan(kappas)
    with np.errstate(invalid="ignore"):
        return np.where(known, kappas, 0.0).sum(axis=-1) / known.sum(axis=-1)


def pair_tables(night: NDArray[np.integer], category_count: int) -> Floats:
    """Tables of all pairs of scorers of a night, in the order of combinations; (pairs, K, K)."""
    size = category_count + 1  # a code of -1 is the first, and left out in the end
    codes = (night + 1).astype(np.int64)
    parts = []
    for first in range(codes.shape[1] - 1):
        later = codes[:, first + 1 :]
        count = later.shape[1]
        cells = (np.arange(count) * size + codes[:, first, None]) * size + later
        tables = np.bincount(cells.ravel(), minlength=count * size * size)
        parts.append(tables.reshape(count, size, size)[:, 1:, 1:])
    none = np.zeros((0, category_count, category_count))
    return np.concatenate([none, *parts]).astype(np.float64)
