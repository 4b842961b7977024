"""Agreement of any number of scorers: over all epochs, at transitions and apart, by stage."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.queries.agreement.intervals import Floats, known, told, told_all
from annotations.queries.agreement.sheet import Sheet
from psg.agreement import (
    AgreementSums,
    Bootstrap,
    CategorySums,
    at_transition,
    category_counts,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    mean_pair_kappa,
    observed_agreement,
    one_against_rest,
    only_where,
    specific_agreement,
)
from psg.stages import STAGES

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
    single = one_against_rest(sums)
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
