"""How far raters agree on the same items: reliability, chance-corrected and plain agreement."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from psg.agreement.bootstrap import Interval
from psg.agreement.chance import (
    category_weights,
    gwet_ac,
    krippendorff_alpha,
    observed_agreement,
)
from psg.agreement.components import ReliabilitySums, variance_components
from psg.agreement.nights import NightSums, mean_pair_kappa
from psg.agreement.sums import Floats
from psg.ratings.draws import Draws
from psg.ratings.items import LEVELS, RatedItems

WITHIN_ONE: Final = (np.abs(np.subtract.outer(LEVELS, LEVELS)) <= 1).astype(np.float64)
ORDINAL: Final = category_weights(len(LEVELS), "ordinal")
QUADRATIC: Final = category_weights(len(LEVELS), "quadratic")
MEASURES: Final = (
    "icc_a1",
    "icc_ak",
    "icc_c1",
    "icc_ck",
    "alpha_ordinal",
    "ac2",
    "weighted_kappa",
    "within_one",
    "identical",
)


def reliability(items: RatedItems, dimension: int, draws: Draws) -> dict[str, Interval]:
    """Compute every measure of MEASURES for one dimension of first looks.

    AC2 has ordinal weights (Gwet 2014), the weighted kappa is the mean over pairs of raters of
    Cohen's with quadratic weights. NaN where two raters never rated the same item.
    """
    items = items.rated()
    if not items.subject_count:
        return {name: Interval(np.nan, np.nan, np.nan, 0) for name in MEASURES}
    scores = items.first_looks[..., dimension]
    table = ReliabilitySums.stack(
        [ReliabilitySums.of(scores[items.subjects == one]) for one in np.unique(items.subjects)]
    )
    codes = NightSums.of(items.codes(dimension), len(LEVELS))
    found = draws.of(items.subject_count).intervals(partial(_measures, table, codes))
    return dict(zip(MEASURES, found, strict=True))


def _measures(table: ReliabilitySums, codes: NightSums, times: Floats) -> Floats:
    """Every measure in the order of MEASURES; (..., n_measures)."""
    parts = variance_components(table.drawn(times))
    sums = codes.categories.drawn(times)
    found = {
        "icc_a1": parts.icc_a1,
        "icc_ak": parts.icc_ak,
        "icc_c1": parts.icc_c1,
        "icc_ck": parts.icc_ck,
        "alpha_ordinal": krippendorff_alpha(sums, "ordinal"),
        "ac2": gwet_ac(sums, ORDINAL),
        "weighted_kappa": mean_pair_kappa(codes.pairs_drawn(times), QUADRATIC),
        "within_one": observed_agreement(sums, WITHIN_ONE),
        "identical": observed_agreement(sums),
    }
    return np.stack([found[name] for name in MEASURES], axis=-1)
