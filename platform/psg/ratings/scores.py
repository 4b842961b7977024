"""Scores of groups of items, and the items on which raters differ most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from psg.agreement.bootstrap import UNDEFINED, Interval
from psg.agreement.sums import Floats, over
from psg.ratings.items import LEVELS, Draws, RatedItems


@dataclass(frozen=True)
class DimensionScores:
    """Scores of first looks in a dimension; the median is NaN where there are none.

    The mean is that of all ratings of the items as drawn. `population` is the mean that is expected
    of all items from which they were drawn, each counting once; NaN where an item has no weight.
    """

    counts: tuple[int, ...]
    mean: Interval
    median: float
    population: Interval

    @property
    def n(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class GroupScores:
    """A group of items; `ratings` includes those of raters who could not judge."""

    items: int
    recordings: int
    ratings: int
    cannot_judge: int
    dimensions: tuple[DimensionScores, ...]


def group_scores(items: RatedItems, draws: Draws) -> GroupScores:
    """Describe the first looks at some items, all dimensions."""
    items = items.rated()
    cannot_judge = int(items.cannot_judge[:, :, 0].sum())
    judged = int((~np.isnan(items.first_looks)).all(axis=-1).sum())
    return GroupScores(
        items=len(items.recordings),
        recordings=items.recording_count,
        ratings=cannot_judge + judged,
        cannot_judge=cannot_judge,
        dimensions=_dimensions(items, draws),
    )


def _dimensions(items: RatedItems, draws: Draws) -> tuple[DimensionScores, ...]:
    counts = items.by_subject((items.first_looks[..., None] == LEVELS).sum(axis=1))
    if not len(counts):
        nothing = DimensionScores((0,) * len(LEVELS), UNDEFINED, np.nan, UNDEFINED)
        return (nothing,) * items.dimensions
    draw = draws.of(len(counts))
    means = draw.intervals(lambda times: _means(np.tensordot(times, counts, 1)))
    return tuple(
        DimensionScores(tuple(map(int, total)), mean, _median(total), population)
        for mean, total, population in zip(
            means, counts.sum(axis=0), population_means(items, draws), strict=True
        )
    )


def population_means(items: RatedItems, draws: Draws) -> list[Interval]:
    """Estimate the mean of each dimension in the population from which the items were drawn.

    Hajek's ratio (1971) of the sums of Horvitz and Thompson (1952): each item counts
    1 / inclusion probability, by the mean of its ratings. With equal probabilities and equal
    numbers of ratings it is the plain mean.
    """
    if not items.has_weights:
        return [UNDEFINED] * items.dimensions
    levels = (items.first_looks[..., None] == LEVELS).sum(axis=1)
    weighted = items.by_subject(levels * items.rating_weights[..., None])
    draw = draws.of(len(weighted))
    return draw.intervals(lambda times: _means(np.tensordot(times, weighted, 1)))


def _means(counts: Floats) -> Floats:
    """Mean of each dimension; (..., n_dimensions, n_levels) to (..., n_dimensions)."""
    return over(counts @ LEVELS, counts.sum(axis=-1))


def _median(counts: Floats) -> float:
    given = np.repeat(LEVELS, counts.astype(int))
    return float(np.median(given)) if len(given) else np.nan


FEWEST_RATERS = 2


@dataclass(frozen=True)
class ItemSpread:
    """The range of an item's scores by dimension, NaN where fewer than two raters scored."""

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
    spreads = [
        ItemSpread(int(item), tuple(map(float, ranges[item])), float(apart[item]))
        for item in np.flatnonzero(twice.any(axis=1))
    ]
    return sorted(spreads, key=lambda spread: (-spread.widest, -spread.apart, spread.item))
