"""Expected widths of the intervals of a rating study, simulated before it begins.

Scores are simulated as quality of the recording + quality of the item + severity of the rater +
error, rounded and kept within 1 to 5, on exactly the items and raters of the assignment. What is
returned is the middle 95 % of the estimates of many such studies. The raters stay the same in
all of them: as in the intervals of the results, only recordings and items are drawn anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from psg.agreement.components import ReliabilitySums, variance_components
from psg.agreement.sums import Floats

LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True)
class ScoreModel:
    """Assumptions about scores: their mean, and standard deviations in points of the scale."""

    mean: float = 3.8
    between_recordings: float = 0.35
    between_items: float = 0.5
    between_raters: float = 0.2
    within: float = 0.5


@dataclass(frozen=True)
class ExpectedWidths:
    """Widths of 95 % intervals; NaN where a measure cannot be computed from the assignment."""

    mean: float
    icc_a1: float
    group_means: tuple[float, ...]
    model: ScoreModel
    studies: int


def expected_widths(
    assigned: NDArray[np.bool_],
    *,
    recordings: NDArray[np.integer],
    groups: NDArray[np.integer],
    group_count: int,
    model: ScoreModel | None = None,
    studies: int = 300,
    seed: int = 0,
) -> ExpectedWidths:
    """Simulate a design.

    Parameters
    ----------
    assigned
        (n_items, n_raters), whether a rater rates an item.
    recordings
        (n_items,) which recording each item is from.
    groups
        (n_items,) of 0 .. group_count - 1, such as arms, whose means are wanted too.
    """
    model = model or ScoreModel()
    rng = np.random.default_rng(seed)
    simulated = [_scores(assigned, recordings, model, rng) for _ in range(studies)]
    sums = ReliabilitySums.stack([ReliabilitySums.of(scores) for scores in simulated])
    means = [_group_means(scores, groups, group_count) for scores in simulated]
    return ExpectedWidths(
        mean=_width(sums.rater_sums.sum(axis=-1) / sums.rater_counts.sum(axis=-1)),
        icc_a1=_width(variance_components(sums).icc_a1),
        group_means=tuple(_width(column) for column in np.array(means).T),
        model=model,
        studies=studies,
    )


def _scores(
    assigned: NDArray[np.bool_],
    recordings: NDArray[np.integer],
    model: ScoreModel,
    rng: np.random.Generator,
) -> Floats:
    """Scores of a simulated study, NaN where not assigned; (n_items, n_raters)."""
    _, night = np.unique(recordings, return_inverse=True)
    items, raters = assigned.shape
    quality = model.mean + rng.normal(0, model.between_recordings, night.max() + 1)[night]
    quality += rng.normal(0, model.between_items, items)
    scores = (
        quality[:, None] + _severity(raters, model) + rng.normal(0, model.within, assigned.shape)
    )
    return np.where(assigned, np.clip(np.round(scores), LOWEST, HIGHEST), np.nan)


def _severity(raters: int, model: ScoreModel) -> Floats:
    """Severities as evenly spread as a normal distribution would have them; (n_raters,)."""
    places = (np.arange(raters) + 0.5) / raters
    return model.between_raters * stats.norm.ppf(places)


def _group_means(scores: Floats, groups: NDArray[np.integer], group_count: int) -> list[float]:
    members = [scores[groups == group] for group in range(group_count)]
    return [float(np.nanmean(group)) if len(group) else np.nan for group in members]


def _width(estimates: Floats) -> float:
    known = estimates[np.isfinite(estimates)]
    if len(known) < len(estimates) / 2:
        return float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(high - low)
