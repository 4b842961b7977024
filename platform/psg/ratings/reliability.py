"""Agreement of raters on the same items, and of each rater with their own repeats."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from psg.agreement.bootstrap import UNDEFINED, Interval
from psg.agreement.chance import (
    category_weights,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    observed_agreement,
)
from psg.agreement.components import ReliabilitySums, variance_components
from psg.agreement.pairs import AgreementSums, mean_pair_kappa, weighted_kappa
from psg.agreement.sums import Floats, over
from psg.ratings.items import LEVELS, Draws, RatedItems

WITHIN_1: Final = (np.abs(np.subtract.outer(LEVELS, LEVELS)) <= 1).astype(np.float64)
ORDINAL: Final = category_weights(len(LEVELS), "ordinal")
QUADRATIC: Final = category_weights(len(LEVELS), "quadratic")
MEASURES: Final = (
    "icc_a1",
    "icc_ak",
    "icc_c1",
    "icc_ck",
    "alpha_ordinal",
    "ac2",
    "fleiss_kappa",
    "weighted_kappa",
    "within_one",
    "identical",
)


def reliability(items: RatedItems, dimension: int, draws: Draws) -> dict[str, Interval]:
    """Compute every measure of MEASURES for a dimension of first looks.

    AC2 has ordinal weights (Gwet 2014), Fleiss' kappa quadratic weights; both are in the form for
    items with unequal numbers of ratings. The weighted kappa is the mean over pairs of raters of
    Cohen's with quadratic weights. NaN where two raters never rated the same item.
    """
    items = items.rated()
    if not items.subject_count:
        return dict.fromkeys(MEASURES, UNDEFINED)
    scores = items.first_looks[..., dimension]
    table = ReliabilitySums.stack(
        [
            ReliabilitySums.of(scores[items.subjects == subject])
            for subject in np.unique(items.subjects)
        ]
    )
    codes = AgreementSums.of(items.codes(dimension), len(LEVELS))
    intervals = draws.of(items.subject_count).intervals(
        partial(_reliability_measures, table, codes)
    )
    return dict(zip(MEASURES, intervals, strict=True))


def _reliability_measures(table: ReliabilitySums, codes: AgreementSums, times: Floats) -> Floats:
    """Every measure in the order of MEASURES; (..., n_measures)."""
    parts = variance_components(table.drawn(times))
    sums = codes.categories.drawn(times)
    values = {
        "icc_a1": parts.icc_a1,
        "icc_ak": parts.icc_ak,
        "icc_c1": parts.icc_c1,
        "icc_ck": parts.icc_ck,
        "alpha_ordinal": krippendorff_alpha(sums, "ordinal"),
        "ac2": gwet_ac(sums, ORDINAL),
        "fleiss_kappa": fleiss_kappa(sums, QUADRATIC),
        "weighted_kappa": mean_pair_kappa(codes.pairs_drawn(times), QUADRATIC),
        "within_one": observed_agreement(sums, WITHIN_1),
        "identical": observed_agreement(sums),
    }
    return np.stack([values[name] for name in MEASURES], axis=-1)


REPEAT_MEASURES: Final = ("identical", "within_one", "weighted_kappa", "shift")


@dataclass(frozen=True)
class Repeats:
    """Repeated ratings of a dimension; `shift` is the later score less the first."""

    pairs: int
    measures: dict[str, Interval]
    by_rater: tuple[tuple[int, ...], ...]
    """For each rater: pairs, identical, within 1 point."""


def repeats(items: RatedItems, dimension: int, draws: Draws) -> Repeats:
    """Compare every later look with the first look of the same rater."""
    tables = items.by_subject(_look_tables(items.scores[..., dimension]))
    tables = tables[tables.sum(axis=(1, 2, 3)) > 0]
    of_raters = tables.sum(axis=0)
    together = tables.sum(axis=1)
    intervals = [UNDEFINED] * len(REPEAT_MEASURES)
    if len(together):
        draw = draws.of(len(together))
        intervals = draw.intervals(lambda times: _repeat_measures(np.tensordot(times, together, 1)))
    return Repeats(
        pairs=int(tables.sum()),
        measures=dict(zip(REPEAT_MEASURES, intervals, strict=True)),
        by_rater=tuple(
            (int(table.sum()), int(np.trace(table)), int((table * WITHIN_1).sum()))
            for table in of_raters
        ),
    )


def _look_tables(scores: Floats) -> NDArray[np.float64]:
    """Count first against later looks; (items, raters, looks) to (items, raters, K, K)."""
    first = (scores[:, :, :1, None] == LEVELS).astype(np.float64)
    later = (scores[:, :, 1:, None] == LEVELS).astype(np.float64)
    return np.einsum("irlk,irmj->irkj", first, later)


def _repeat_measures(tables: Floats) -> Floats:
    """Every measure in the order of REPEAT_MEASURES; (..., K, K) to (..., n_measures)."""
    total = tables.sum(axis=(-2, -1))
    step = np.subtract.outer(LEVELS, LEVELS).T
    values = {
        "identical": over(np.trace(tables, axis1=-2, axis2=-1), total),
        "within_one": over((tables * WITHIN_1).sum(axis=(-2, -1)), total),
        "weighted_kappa": weighted_kappa(tables, QUADRATIC),
        "shift": over((tables * step).sum(axis=(-2, -1)), total),
    }
    return np.stack([values[name] for name in REPEAT_MEASURES], axis=-1)
