"""Every two scorers by themselves, over the nights that both scored."""

from collections.abc import Sequence
from itertools import combinations, compress
from typing import Any

import numpy as np

from annotations.queries.agreement.intervals import Floats, bootstrap_of, told_all
from annotations.queries.agreement.measures import Codes, codes_of
from annotations.queries.agreement.sheet import Column, Sheet
from psg.agreement import AgreementSums, mean_pair_kappa, observed_agreement
from psg.stages import STAGES


def pair_measures(sheet: Sheet) -> list[dict[str, Any]]:
    """Kappa and agreement of every pair; None where the two have no epoch in common."""
    columns, nights = sheet.columns, codes_of(sheet)
    return [
        _pair(
            columns[one], columns[two], [night[:, [one, two]] for night in nights], sheet.subjects
        )
        for one, two in combinations(range(len(columns)), 2)
    ]


def _pair(
    one: Column, two: Column, nights: Sequence[Codes], subjects: Sequence[int]
) -> dict[str, Any]:
    has_both = [(night >= 0).all(axis=1).any() for night in nights]
    shared, of_shared = list(compress(nights, has_both)), list(compress(subjects, has_both))
    sums = AgreementSums.of(shared or [np.full((1, 2), -1, dtype=np.int8)], len(STAGES))

    def values(times: Floats) -> Floats:
        kappa = mean_pair_kappa(sums.pairs_drawn(times))
        return np.stack([kappa, observed_agreement(sums.categories.drawn(times))], axis=-1)

    found = told_all(("kappa", "agreement"), bootstrap_of(of_shared), values)
    return {
        "scorers": [one.label, two.label],
        "keys": [one.key, two.key],
        "kappa": found["kappa"]["value"],
        "kappa_interval": [found["kappa"]["low"], found["kappa"]["high"]],
        "agreement": found["agreement"]["value"],
        "agreement_interval": [found["agreement"]["low"], found["agreement"]["high"]],
        "epochs": int(sums.categories.paired.sum()),
        "recordings": len(shared),
    }
