"""How steady raters are: the second look at an item beside the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from psg.agreement.bootstrap import Interval
from psg.agreement.pairs import weighted_kappa
from psg.agreement.sums import Floats, over
from psg.ratings.draws import Draws
from psg.ratings.items import LEVELS, RatedItems
from psg.ratings.reliability import QUADRATIC, WITHIN_ONE

REPEAT_MEASURES: Final = ("identical", "within_one", "weighted_kappa", "shift")


@dataclass(frozen=True)
class Repeats:
    """Second looks at one dimension; `shift` is second less first."""

    pairs: int
    measures: dict[str, Interval]
    by_rater: tuple[tuple[int, ...], ...]
    """For each rater: pairs, identical, within one."""


def repeats(items: RatedItems, dimension: int, draws: Draws) -> Repeats:
    """Compare every later look with the first one of the same rater."""
    tables = items.by_subject(_pair_tables(items.scores[..., dimension]))
    tables = tables[tables.sum(axis=(1, 2, 3)) > 0]
    of_raters = tables.sum(axis=0)
    together = tables.sum(axis=1)
    found = [Interval(np.nan, np.nan, np.nan, 0)] * len(REPEAT_MEASURES)
    if len(together):
        draw = draws.of(len(together))
        found = draw.intervals(lambda times: _measures(np.tensordot(times, together, 1)))
    return Repeats(
        pairs=int(tables.sum()),
        measures=dict(zip(REPEAT_MEASURES, found, strict=True)),
        by_rater=tuple(
            (int(one.sum()), int(np.trace(one)), int((one * WITHIN_ONE).sum())) for one in of_raters
        ),
    )


def _pair_tables(scores: Floats) -> NDArray[np.float64]:
    """Count first against later looks; (items, raters, looks) to (items, raters, K, K)."""
    first = (scores[:, :, :1, None] == LEVELS).astype(np.float64)
    later = (scores[:, :, 1:, None] == LEVELS).astype(np.float64)
    return np.einsum("irlk,irmj->irkj", first, later)


def _measures(tables: Floats) -> Floats:
    """Every measure in the order of REPEAT_MEASURES; (..., K, K) to (..., n_measures)."""
    total = tables.sum(axis=(-2, -1))
    step = np.subtract.outer(LEVELS, LEVELS).T
    found = {
        "identical": over(np.trace(tables, axis1=-2, axis2=-1), total),
        "within_one": over((tables * WITHIN_ONE).sum(axis=(-2, -1)), total),
        "weighted_kappa": weighted_kappa(tables, QUADRATIC),
        "shift": over((tables * step).sum(axis=(-2, -1)), total),
    }
    return np.stack([found[name] for name in REPEAT_MEASURES], axis=-1)
