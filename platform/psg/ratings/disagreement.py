"""Which items raters disagree on most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psg.agreement.sums import over
from psg.ratings.items import RatedItems

FEWEST_RATERS = 2


@dataclass(frozen=True)
class ItemSpread:
    """One item: how far apart its raters are, by dimension, NaN where fewer than two scored."""

    item: int
    ranges: tuple[float, ...]
    apart: float
    """Mean absolute difference of two raters, over all dimensions."""

    @property
    def widest(self) -> float:
        return float(np.nanmax(self.ranges))


def widest_spread(items: RatedItems) -> list[ItemSpread]:
    """Return every item that two raters scored, the widest disagreement first."""
    scores = items.first_looks
    counts = (~np.isnan(scores)).sum(axis=1)
    twice = counts >= FEWEST_RATERS
    low = np.where(np.isnan(scores), np.inf, scores).min(axis=1, initial=np.inf)
    high = np.where(np.isnan(scores), -np.inf, scores).max(axis=1, initial=-np.inf)
    ranges = np.where(twice, high - low, np.nan)
    gaps = np.abs(scores[:, :, None] - scores[:, None, :])
    pairs = np.where(twice, counts * (counts - 1), 0)
    apart = over(np.nansum(gaps, axis=(1, 2, 3)), pairs.sum(axis=1).astype(np.float64))
    found = [
        ItemSpread(int(item), tuple(map(float, ranges[item])), float(apart[item]))
        for item in np.flatnonzero(twice.any(axis=1))
    ]
    return sorted(found, key=lambda one: (-one.widest, -one.apart, one.item))
