"""Comparison of arms, pair by pair, on the same epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from psg.agreement.bootstrap import UNDEFINED, Interval
from psg.agreement.sums import Floats, RecordingSums, over
from psg.ratings.items import Draws, RatedItems
from psg.ratings.severity import SeveritySums, rater_offsets


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p values by the step-down method of Holm (1979); NaN stays and does not count."""
    p = np.asarray(p_values, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted = np.full(len(p), np.nan)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in adjusted]


Unit = Literal["epoch", "recording"]
LEAST_SHARED = 0.5
FEWEST_SUBJECTS = 2
MOST_TO_FLIP_ALL = 12
RANDOM_FLIPS = 9999


@dataclass(frozen=True)
class ArmDifference:
    """How much higher the first arm was rated than the second, in a dimension."""

    first: str
    second: str
    dimension: int
    unit: Unit
    """The unit of a pair: recordings where the arms share fewer than half of their epochs."""
    pairs: int
    difference: Interval
    p: float
    population: Interval
    """The difference of the two arms in the populations from which their items were drawn."""
    p_holm: float = np.nan


@dataclass(frozen=True)
class PairSums(RecordingSums):
    """Sums over pairs of the two arms; leading axes (subjects, replicates) are kept."""

    pairs: Floats
    difference: Floats
    """Sum of mean score in the first arm less mean score in the second; (...)."""
    shares: Floats
    """Sum of the difference of each rater's share in the two means; (..., n_raters)."""


def compare_arms(
    items: RatedItems, arms: Mapping[str, NDArray[np.bool_]], draws: Draws
) -> list[ArmDifference]:
    """Compare every pair of arms in every dimension.

    The difference is a mean over pairs, corrected for the severity of raters (`rater_offsets`).
    P values are those of two-sided sign flips of whole subjects, adjusted together by Holm's
    method over all pairs of arms and all dimensions.

    The difference in the population is that of the two weighted means (`population_means`), with
    the same correction. It is not paired: each arm stands for all the items it was drawn from.
    """
    differences = [
        _difference(items, (first, second), arms, dimension, draws)
        for dimension in range(items.dimensions)
        for first, second in combinations(arms, 2)
    ]
    adjusted = holm([difference.p for difference in differences])
    return [
        replace(difference, p_holm=p) for difference, p in zip(differences, adjusted, strict=True)
    ]


def _difference(
    items: RatedItems,
    names: tuple[str, str],
    arms: Mapping[str, NDArray[np.bool_]],
    dimension: int,
    draws: Draws,
) -> ArmDifference:
    masks = [arms[name] for name in names]
    unit, paired = _pairs(items, masks, dimension)
    common = np.unique(items.subjects)[paired.pairs > 0]
    sums = _only(paired, paired.pairs > 0)
    severity = SeveritySums.by_subject(items.where(np.isin(items.subjects, common)), dimension)

    def mean_difference(times: Floats) -> Floats:
        drawn = sums.drawn(times)
        return over(_freed(drawn, rater_offsets(severity.drawn(times))), drawn.pairs)

    return ArmDifference(
        first=names[0],
        second=names[1],
        dimension=dimension,
        unit=unit,
        pairs=int(sums.pairs.sum()),
        difference=draws.of(len(common)).interval(mean_difference) if len(common) else UNDEFINED,
        p=_flip_p(_freed(sums, rater_offsets(severity.drawn(np.ones(len(common))))), draws.seed)
        if len(common)
        else np.nan,
        population=_population(items, masks, dimension, draws),
    )


@dataclass(frozen=True)
class WeightedSums(RecordingSums):
    """Weighted sums over the items of an arm; leading axes (subjects, replicates) are kept.

    An item counts by its weight however many raters scored it (`RatedItems.rating_weights`).
    """

    ratings: Floats
    """Weighted ratings of each rater; (..., n_raters)."""
    scores: Floats
    """Weighted scores; (...)."""

    @classmethod
    def by_subject(cls, items: RatedItems, mask: NDArray[np.bool_], dimension: int) -> WeightedSums:
        scores = items.first_looks[..., dimension]
        weights = np.where(mask, np.nan_to_num(items.rating_weights[:, dimension]), 0.0)[:, None]
        return cls(
            ratings=items.by_subject(weights * ~np.isnan(scores)),
            scores=items.by_subject((weights * np.nan_to_num(scores)).sum(axis=1)),
        )

    @property
    def mean(self) -> Floats:
        return over(self.scores, self.ratings.sum(axis=-1))

    @property
    def shares(self) -> Floats:
        return over(self.ratings, self.ratings.sum(axis=-1, keepdims=True))


def _population(
    items: RatedItems, masks: Sequence[NDArray[np.bool_]], dimension: int, draws: Draws
) -> Interval:
    either = items.where(masks[0] | masks[1]).rated()
    if not either.subject_count or not either.has_weights:
        return UNDEFINED
    of_subjects = np.isin(items.subjects, either.subjects)
    within = items.where(of_subjects)
    sums = [WeightedSums.by_subject(within, mask[of_subjects], dimension) for mask in masks]
    severity = SeveritySums.by_subject(within, dimension)

    def difference(times: Floats) -> Floats:
        first, second = (of_arm.drawn(times) for of_arm in sums)
        return _without_severity(
            first.mean - second.mean,
            first.shares - second.shares,
            rater_offsets(severity.drawn(times)),
        )

    return draws.of(either.subject_count).interval(difference)


def _freed(sums: PairSums, offsets: Floats) -> Floats:
    return _without_severity(sums.difference, sums.shares, offsets)


def _without_severity(difference: Floats, shares: Floats, offsets: Floats) -> Floats:
    """Subtract the effect of severity; a rater with equal shares in both means has none."""
    even = np.isclose(shares, 0)
    return difference - np.where(even, 0.0, shares * offsets).sum(axis=-1)


def _pairs(
    items: RatedItems, masks: Sequence[NDArray[np.bool_]], dimension: int
) -> tuple[Unit, PairSums]:
    by_epoch = _pair_sums(items, masks, items.epochs, dimension)
    fewest = min(len(np.unique(items.epochs[mask])) for mask in masks)
    if by_epoch.pairs.sum() >= max(LEAST_SHARED * fewest, 1):
        return "epoch", by_epoch
    return "recording", _pair_sums(items, masks, items.recordings, dimension)


def _pair_sums(
    items: RatedItems, masks: Sequence[NDArray[np.bool_]], keys: NDArray[np.int64], dimension: int
) -> PairSums:
    """Sum over pairs within each subject of `items`; a key never spans two recordings."""
    _, first_at, places = np.unique(keys, return_index=True, return_inverse=True)
    (mean_1, share_1), (mean_2, share_2) = (
        _means_by_key(items.first_looks[..., dimension], mask, places, len(first_at))
        for mask in masks
    )
    both = ~np.isnan(mean_1) & ~np.isnan(mean_2)
    home = items.subjects[first_at]
    member = ((np.unique(items.subjects)[:, None] == home) & both).astype(np.float64)
    return PairSums(
        pairs=member.sum(axis=1),
        difference=member @ np.where(both, mean_1 - mean_2, 0.0),
        shares=member @ np.where(both[:, None], share_1 - share_2, 0.0),
    )


def _means_by_key(
    scores: Floats, mask: NDArray[np.bool_], places: NDArray[np.int64], keys: int
) -> tuple[Floats, Floats]:
    """Mean of all ratings of an arm under each key, and each rater's share in it."""
    given = (~np.isnan(scores) & mask[:, None]).astype(np.float64)
    counts, sums = np.zeros((keys, scores.shape[1])), np.zeros(keys)
    np.add.at(counts, places, given)
    np.add.at(sums, places, np.where(given > 0, scores, 0.0).sum(axis=1))
    total = counts.sum(axis=1)
    return over(sums, total), over(counts, np.broadcast_to(total[:, None], counts.shape))


def _only(sums: PairSums, chosen: NDArray[np.bool_]) -> PairSums:
    return PairSums(sums.pairs[chosen], sums.difference[chosen], sums.shares[chosen])


def _flip_p(differences: Floats, seed: int) -> float:
    """Return the probability of a sum as large as observed under random signs; NaN if few."""
    count = len(differences)
    if count < FEWEST_SUBJECTS or np.isnan(differences).any():
        return np.nan
    as_large = np.abs(_signs(count, seed) @ differences) >= np.abs(differences.sum()) - 1e-9
    return float(as_large.mean())


@lru_cache(maxsize=8)
def _signs(count: int, seed: int) -> NDArray[np.float64]:
    """Every pattern of signs, or the observed pattern and many random patterns; (n, count)."""
    if count <= MOST_TO_FLIP_ALL:
        flipped = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
        return (1 - 2 * flipped).astype(np.float64)
    flipped = np.random.default_rng(seed).integers(0, 2, (RANDOM_FLIPS, count), dtype=np.int8)
    signs = np.ones((RANDOM_FLIPS + 1, count))
    signs[1:] -= 2 * flipped
    return signs
