"""Measures of agreement with intervals: over all epochs, at transitions, by stage, by pair."""

import math
from collections.abc import Callable, Hashable, Sequence
from itertools import combinations, compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.agreement.sheet import Column, Sheet
from psg.agreement import (
    AgreementSums,
    Bootstrap,
    CategorySums,
    Interval,
    at_transition,
    category_counts,
    each_against_rest,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    mean_pair_kappa,
    observed_agreement,
    only_where,
    specific_agreement,
)
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS
from psg.stages import STAGES

Floats = NDArray[np.float64]
REPLICATES = 1000
SEED = 1


def bootstrap_of(subjects: Sequence[Hashable]) -> Bootstrap:
    """Draw from recordings of which is told whose each one is."""
    return Bootstrap.of_recordings(subjects or [None], replicates=REPLICATES, seed=SEED)


def known(value: float) -> float | None:
    return None if math.isnan(value) else value


def told(interval: Interval) -> dict[str, float | None]:
    """Value, low and high; None where there is none. Never a number in place of nothing."""
    return {
        "value": known(interval.value),
        "low": known(interval.low),
        "high": known(interval.high),
    }


def told_all(
    names: Sequence[str], bootstrap: Bootstrap, statistic: Callable[[Floats], Floats]
) -> dict[str, dict[str, float | None]]:
    """Tell the values of a statistic that gives as many as there are names."""
    intervals = bootstrap.intervals(statistic)
    return {name: told(one) for name, one in zip(names, intervals, strict=True)}


def about_intervals(subjects: Sequence[Hashable]) -> dict[str, Any]:
    """What the intervals of a report rest on: recordings, of which is told whose each one is."""
    count = len(set(subjects))
    return {
        "level": 0.95,
        "method": "bootstrap over subjects, bias-corrected and accelerated",
        "replicates": REPLICATES,
        "seed": SEED,
        "recordings": len(subjects),
        "subjects": count,
        "runs_narrow": count < FEWEST_FOR_HONEST_INTERVALS,
    }


# Agreement of any number of scorers: over all epochs, at transitions and apart, by stage.


Codes = NDArray[np.int8]
NAMES = ("agreement", "mean_pairwise_kappa", "fleiss_kappa", "krippendorff_alpha", "ac1")
STAGE_NAMES = ("specific_agreement", "fleiss_kappa", "krippendorff_alpha", "ac1")
PLACES = ("all", "steady", "transition")


def codes_of(sheet: Sheet) -> list[Codes]:
    return [sheet.codes(night) for night in sheet.nights]


def at_place(codes: Codes, place: str, by: Codes | None = None) -> NDArray[np.int64]:
    """Keep the epochs of one of the PLACES, transitions being those of `by`, or of all."""
    if place == "all":
        return codes.astype(np.int64)
    mask = at_transition(codes if by is None else by)
    return only_where(codes, mask if place == "transition" else ~mask)


def place_measures(nights: Sequence[Codes], bootstrap: Bootstrap) -> dict[str, dict[str, Any]]:
    """Every measure over all epochs, over those beside a transition, and over the others."""
    return {place: _measures([at_place(n, place) for n in nights], bootstrap) for place in PLACES}


def _measures(nights: Sequence[NDArray[np.int64]], bootstrap: Bootstrap) -> dict[str, Any]:
    sums = AgreementSums.of(nights, len(STAGES))
    alike = np.array([_alike(night) for night in nights], dtype=np.float64)
    told = told_all(NAMES, bootstrap, lambda times: _values(sums, times))
    agreed, asked = alike.sum(axis=0)
    return {
        "epochs": int(sums.categories.paired.sum()),
        **told,
        "all_agree": known(agreed / asked) if asked else None,
        "epochs_scored_by_all": int(asked),
    }


def _values(sums: AgreementSums, times: Floats) -> Floats:
    drawn = sums.categories.drawn(times)
    return np.stack(
        [
            observed_agreement(drawn),
            mean_pair_kappa(sums.pairs_drawn(times)),
            fleiss_kappa(drawn),
            krippendorff_alpha(drawn),
            gwet_ac(drawn),
        ],
        axis=-1,
    )


def _alike(night: NDArray[np.int64]) -> tuple[int, int]:
    """Epochs on which all scorers of the night agree, of those that all of them scored."""
    there = night[:, (night >= 0).any(axis=0)]
    if there.shape[1] < 2:
        return 0, 0
    by_all = there[(there >= 0).all(axis=1)]
    return int((by_all == by_all[:, :1]).all(axis=1).sum()), len(by_all)


def stage_measures(nights: Sequence[Codes], bootstrap: Bootstrap) -> list[dict[str, Any]]:
    """For every stage: how often two agree on it, and kappas of it against all others."""
    counts = [category_counts(night, len(STAGES)) for night in nights]
    sums = CategorySums.stack([CategorySums.of(one) for one in counts])
    intervals = bootstrap.intervals(lambda times: _stage_values(sums.drawn(times)))
    # They come measure by measure, each over all stages.
    rows = [intervals[n :: len(STAGES)] for n in range(len(STAGES))]
    return [
        {
            "stage": str(stage),
            "epochs": sum(_given(one, place) for one in counts),
            **{name: told(one) for name, one in zip(STAGE_NAMES, rows[place], strict=True)},
        }
        for place, stage in enumerate(STAGES)
    ]


def _stage_values(sums: CategorySums) -> Floats:
    single = each_against_rest(sums)
    return np.concatenate(
        [
            specific_agreement(sums),
            fleiss_kappa(single),
            krippendorff_alpha(single),
            gwet_ac(single),
        ],
        axis=-1,
    )


def _given(counts: NDArray[np.int64], category: int) -> int:
    """Epochs that two or more scored, and at least one of them with this stage."""
    return int(((counts.sum(axis=1) > 1) & (counts[:, category] > 0)).sum())


# Every two scorers by themselves, over the nights that both scored.


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
