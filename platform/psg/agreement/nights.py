"""Stages of many nights by several scorers, summed night by night for the bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from psg.agreement.counts import CategorySums, category_counts
from psg.agreement.pairs import weighted_kappa
from psg.agreement.sums import Floats


@dataclass(frozen=True)
class NightSums:
    """What a set of nights gives to every measure of agreement, one entry for each night."""

    categories: CategorySums
    pairs: Floats
    """Epochs by the stages of two scorers, in the order of combinations; (nights, pairs, K, K)."""

    @classmethod
    def of(cls, nights: Sequence[NDArray[np.integer]], category_count: int) -> NightSums:
        """Sum nights of (n_epochs, n_scorers) codes, -1 where a scorer gave none."""
        counts = [category_counts(night, category_count) for night in nights]
        return cls(
            categories=CategorySums.stack([CategorySums.of(night) for night in counts]),
            pairs=np.stack([_pair_tables(night, category_count) for night in nights]),
        )

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


def _pair_tables(night: NDArray[np.integer], category_count: int) -> Floats:
    """Tables of one night by way of one matrix product; (pairs, K, K)."""
    scorers = night.shape[1]
    chosen = (night[..., None] == np.arange(category_count)).reshape(len(night), -1)
    chosen = chosen.astype(np.float64)  # a code of -1 is chosen nowhere
    tables = (chosen.T @ chosen).reshape(scorers, category_count, scorers, category_count)
    first, second = np.array(list(combinations(range(scorers), 2)), dtype=int).reshape(-1, 2).T
    return tables.transpose(0, 2, 1, 3)[first, second]
