"""Everything that a rating study reports, from its ratings and the groups of its items."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from psg.agreement.bootstrap import Interval
from psg.ratings.comparing import ArmDifference, compare_arms
from psg.ratings.controls import ControlResults, control_results
from psg.ratings.items import Draws, RatedItems
from psg.ratings.reliability import Repeats, reliability, repeats
from psg.ratings.scores import GroupScores, ItemSpread, group_scores, widest_spread
from psg.ratings.severity import severity

Masks = Mapping[str, NDArray]
"""Items of each group; {group: (n_items,) of bool}."""
OfDimensions = tuple[Mapping[str, Interval], ...]


@dataclass(frozen=True)
class StudyStatistics:
    """Tuples run over dimensions; mappings over groups, in the order they were given.

    Everything but `groups` and `controls` comes from items as written alone.
    """

    overall: GroupScores
    groups: Mapping[str, Mapping[str, GroupScores]]
    agreement: OfDimensions
    agreement_of_arms: Mapping[str, OfDimensions]
    severity: tuple[tuple[Interval, ...], ...]
    """For each dimension, the offset of each rater."""
    repeats: tuple[Repeats, ...]
    differences: tuple[ArmDifference, ...]
    spread: tuple[ItemSpread, ...]
    controls: ControlResults | None
    """How control items were rated; None where none is known."""


def study_statistics(
    items: RatedItems,
    groups: Mapping[str, Masks],
    arms: Masks,
    draws: Draws,
    controls: NDArray[np.bool_] | None = None,
) -> StudyStatistics:
    """Compute all statistics of a study.

    Parameters
    ----------
    items
        Of the whole study.
    groups
        Ways to divide the items, each with its groups; an item may be in several or none.
    arms
        The arms to compare; empty while the study is blind.
    controls
        Which items are control items, a device that tests raters; None while that is not known.
    """
    is_control = np.zeros(len(items.recordings), bool) if controls is None else controls
    written = items.where(~is_control)
    dimensions = range(items.dimensions)
    return StudyStatistics(
        overall=group_scores(written, draws),
        groups={
            way: {name: group_scores(items.where(mask), draws) for name, mask in masks.items()}
            for way, masks in groups.items()
        },
        agreement=_agreement(written, draws),
        agreement_of_arms={
            name: _agreement(items.where(mask & ~is_control), draws) for name, mask in arms.items()
        },
        severity=tuple(tuple(severity(written, dimension, draws)) for dimension in dimensions),
        repeats=tuple(repeats(written, dimension, draws) for dimension in dimensions),
        differences=tuple(
            compare_arms(written, {n: mask[~is_control] for n, mask in arms.items()}, draws)
        ),
        spread=_spread(written, np.flatnonzero(~is_control)),
        controls=control_results(items, is_control, draws),
    )


def _spread(items: RatedItems, places: NDArray[np.intp]) -> tuple[ItemSpread, ...]:
    """Return the spread of items, which are named by their places in the whole study."""
    return tuple(replace(spread, item=int(places[spread.item])) for spread in widest_spread(items))


def _agreement(items: RatedItems, draws: Draws) -> OfDimensions:
    return tuple(reliability(items, dimension, draws) for dimension in range(items.dimensions))
