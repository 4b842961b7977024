"""Control items: rationales beside an epoch of another stage, to see whether raters notice.

They test raters, and say nothing about the rationales of a study. A rater who reads them beside
the signal scores them lower than items as written.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.agreement.bootstrap import UNDEFINED, Interval
from psg.agreement.sums import Floats, over
from psg.ratings.items import Draws, RatedItems

LOW = 2
"""A score of LOW or less in any dimension says that the rationale has an error that matters."""


@dataclass(frozen=True)
class Contrast:
    """Mean of items as written, of control items, and the first less the second."""

    written: Interval
    control: Interval
    difference: Interval


@dataclass(frozen=True)
class Noticed:
    """Ratings with a low score, of control items and of items as written.

    "Cannot judge" notices nothing, and is counted apart.
    """

    controls: int
    controls_low: int
    controls_unsure: int
    written: int
    written_low: int
    written_unsure: int


@dataclass(frozen=True)
class ControlResults:
    """How control items were rated: by dimension, by each rater and by all raters together."""

    items: int
    dimensions: tuple[Contrast, ...]
    share_low: Contrast
    """Shares of ratings with a low score."""
    raters: tuple[Noticed, ...]
    together: Noticed


def control_results(
    items: RatedItems, controls: NDArray[np.bool_], draws: Draws
) -> ControlResults | None:
    """Compare control items with items as written, first looks only; None without a control."""
    if not controls.any():
        return None
    raters = _noticed(items, controls)
    together = Noticed(*(int(total) for total in raters.sum(axis=0)))
    return ControlResults(
        items=int(controls.sum()),
        dimensions=tuple(
            _contrast(items, controls, items.first_looks[..., dimension], draws)
            for dimension in range(items.dimensions)
        ),
        share_low=_contrast(items, controls, _is_low(items), draws),
        raters=tuple(Noticed(*map(int, row)) for row in raters),
        together=together,
    )


def _is_low(items: RatedItems) -> Floats:
    """Whether a rating has a low score, NaN without scores; (n_items, n_raters)."""
    given = ~np.isnan(items.first_looks).any(axis=-1)
    low = (items.first_looks <= LOW).any(axis=-1)
    return np.where(given, low, np.nan)


def _noticed(items: RatedItems, controls: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Counts of each rater in the order of the fields of Noticed; (n_raters, 6)."""
    low, unsure = _is_low(items), items.cannot_judge[:, :, 0]
    columns = [
        part
        for mask in (controls, ~controls)
        for part in (
            (~np.isnan(low[mask])).sum(axis=0),
            (low[mask] == 1).sum(axis=0),
            unsure[mask].sum(axis=0),
        )
    ]
    return np.stack(columns, axis=-1)


def _contrast(
    items: RatedItems, controls: NDArray[np.bool_], values: Floats, draws: Draws
) -> Contrast:
    """Contrast the means of (n_items, n_raters) values, NaN for none."""
    given = ~np.isnan(values)
    kept = np.asarray(given.any(axis=1))
    if not kept.any():
        return Contrast(UNDEFINED, UNDEFINED, UNDEFINED)
    sides = np.stack([~controls, controls], axis=-1)[kept]
    counts = given[kept].sum(axis=1)[:, None] * sides
    totals = np.nansum(values[kept], axis=1)[:, None] * sides
    sums = items.where(kept).by_subject(np.stack([totals, counts], axis=-1))

    def means(times: Floats) -> Floats:
        drawn = np.tensordot(times, sums, axes=1)
        written, control = np.moveaxis(over(drawn[..., 0], drawn[..., 1]), -1, 0)
        return np.stack([written, control, written - control], axis=-1)

    return Contrast(*draws.of(len(sums)).intervals(means))
