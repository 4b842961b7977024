"""Every two scorers by themselves, over the nights that both scored."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from annotations.queries.agreement.intervals import Floats, bootstrap_of, told_all
from annotations.queries.agreement.measures import Codes
from annotations.queries.agreement.sheet import Column
from psg.agreement import NightSums, mean_pair_kappa, observed_agreement
from psg.stages import STAGES


def pair_measures(columns: Sequence[Column], nights: Sequence[Codes]) -> list[dict[str, Any]]:
    """Kappa and agreement of every pair; None where the two have no epoch in common."""
    return [
        _pair(columns[one], columns[two], [night[:, [one, two]] for night in nights])
        for one, two in combinations(range(len(columns)), 2)
    ]


def _pair(one: Column, two: Column, nights: Sequence[Codes]) -> dict[str, Any]:
    shared = [night for night in nights if (night >= 0).all(axis=1).any()]
    sums = NightSums.of(shared or [np.full((1, 2), -1, dtype=np.int8)], len(STAGES))

    def values(times: Floats) -> Floats:
        kappa = mean_pair_kappa(sums.pairs_drawn(times))
        return np.stack([kappa, observed_agreement(sums.categories.drawn(times))], axis=-1)

    found = told_all(("kappa", "agreement"), bootstrap_of(len(shared)), values)
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
