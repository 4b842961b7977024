"""Measures of agreement with intervals: over all epochs, at transitions, by stage, by pair."""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotations.agreement.sheet import Sheet
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
from psg.agreement.coverage import narrow_words, simulated_coverage
from psg.stages import STAGES

Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
REPLICATES = 1000
SEED = 1
NAMES = ("agreement", "mean_pairwise_kappa", "fleiss_kappa", "krippendorff_alpha", "ac1")
STAGE_NAMES = ("specific_agreement", "fleiss_kappa", "krippendorff_alpha", "ac1")
PLACES = ("all", "steady", "transition")


# Results. The names of their fields are the keys of the JSON that API and command give out.


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; None where the value or the interval is undefined."""

    value: float | None
    low: float | None
    high: float | None

    @classmethod
    def of(cls, interval: Interval) -> "Estimate":
        return cls(defined(interval.value), defined(interval.low), defined(interval.high))


@dataclass(frozen=True)
class IntervalMethod:
    """How the intervals of a report were computed, and from how many recordings and subjects."""

    level: float
    method: str
    replicates: int
    seed: int
    recordings: int
    subjects: int
    runs_narrow: bool
    """Whether there are too few subjects for intervals of the right width."""

    @property
    def warning(self) -> str:
        """A warning of few subjects; empty where there are enough, or no interval at all."""
        return narrow_words(self.subjects, "kappa")

    def as_json(self) -> dict[str, object]:
        """Return the fields, with how often such intervals contained the truth in simulations."""
        coverage = simulated_coverage(self.subjects) if self.runs_narrow else {}
        return {**asdict(self), "simulated_coverage": coverage.get("kappa")}

    @classmethod
    def of(cls, subjects: Sequence[Hashable]) -> "IntervalMethod":
        """Describe intervals over recordings; `subjects` has the subject of each recording."""
        count = len(set(subjects))
        return cls(
            level=0.95,
            method="bootstrap over subjects, bias-corrected and accelerated",
            replicates=REPLICATES,
            seed=SEED,
            recordings=len(subjects),
            subjects=count,
            runs_narrow=count < FEWEST_FOR_HONEST_INTERVALS,
        )


@dataclass(frozen=True)
class PlaceMeasures:
    """Agreement of all scorers over the epochs of one of the PLACES."""

    epochs: int
    """Epochs with two or more scorers."""
    agreement: Estimate
    mean_pairwise_kappa: Estimate
    fleiss_kappa: Estimate
    krippendorff_alpha: Estimate
    ac1: Estimate
    all_agree: float | None
    """Share of `epochs_scored_by_all` on which all scorers give the same stage."""
    epochs_scored_by_all: int


@dataclass(frozen=True)
class StageMeasures:
    """Agreement on a stage; kappa, alpha and AC1 compare it with all other stages."""

    stage: str
    epochs: int
    """Epochs with two or more scorers, including a scorer who gives this stage."""
    specific_agreement: Estimate
    fleiss_kappa: Estimate
    krippendorff_alpha: Estimate
    ac1: Estimate


def defined(value: float) -> float | None:
    """Return the value, or None in place of NaN: undefined is never shown as a number."""
    return None if math.isnan(value) else float(value)


def bootstrap_of(subjects: Sequence[Hashable]) -> Bootstrap:
    """Return draws over recordings; `subjects` has the subject of each recording."""
    return _drawn(tuple(subjects) or (None,))


@lru_cache(maxsize=4)
def _drawn(subjects: tuple[Hashable, ...]) -> Bootstrap:
    # A report draws the same subjects for most of its measures and pairs.
    return Bootstrap.of_recordings(subjects, replicates=REPLICATES, seed=SEED)


def estimates(
    names: Sequence[str], bootstrap: Bootstrap, statistic: Callable[[Floats], Floats]
) -> dict[str, Estimate]:
    """Return estimates by name of a statistic whose last axis has as many values as names."""
    intervals = bootstrap.intervals(statistic)
    return {name: Estimate.of(interval) for name, interval in zip(names, intervals, strict=True)}


# All scorers together: over all epochs, beside and away from transitions, and by stage


def codes_of(sheet: Sheet) -> list[Codes]:
    return [sheet.codes(night) for night in sheet.nights]


def at_place(codes: Codes, place: str, by: Codes | None = None) -> NDArray[np.int64]:
    """Return the epochs of one of the PLACES.

    Parameters
    ----------
    codes
        (n_epochs, n_columns) of stage codes.
    place
        One of PLACES.
    by
        Columns whose transitions count; None: those of `codes`.
    """
    if place == "all":
        return codes.astype(np.int64)
    mask = at_transition(codes if by is None else by)
    return only_where(codes, mask if place == "transition" else ~mask)


@dataclass(frozen=True)
class SheetSums:
    """All that joint measures need of the epochs, with an entry for each night."""

    places: Mapping[str, AgreementSums]
    """By PLACES."""
    unanimous: Mapping[str, NDArray[np.int64]]
    """(n_nights, 2) epochs on which all agree, and epochs that all scored; by PLACES."""
    with_stage: NDArray[np.int64]
    """(n_nights, n_stages) epochs with two or more scorers, one of whom gives the stage."""

    @classmethod
    def of(cls, nights: Sequence[Codes]) -> "SheetSums":
        """Sum at least one night of (n_epochs, n_columns) codes."""
        beside = [at_transition(night) for night in nights]
        parts = {place: _parts(nights, beside, place) for place in PLACES}
        sums = {
            place: AgreementSums.of(parts[place], len(STAGES)) for place in ("steady", "transition")
        }
        return cls(
            places={"all": sums["steady"].plus(sums["transition"]), **sums},
            unanimous={place: np.array(list(map(_unanimous, parts[place]))) for place in PLACES},
            with_stage=np.array([_with_stage(night) for night in nights]),
        )

    @classmethod
    def joined(cls, parts: Sequence["SheetSums"]) -> "SheetSums":
        """Join the sums of different nights, in their order; no number depends on the grouping."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            places={
                place: AgreementSums.joined([part.places[place] for part in parts])
                for place in PLACES
            },
            unanimous={
                place: np.concatenate([part.unanimous[place] for part in parts]) for place in PLACES
            },
            with_stage=np.concatenate([part.with_stage for part in parts]),
        )


def place_measures(sums: SheetSums, bootstrap: Bootstrap) -> dict[str, PlaceMeasures]:
    """Return the measures of each of the PLACES."""
    return {
        place: _measures(sums.places[place], sums.unanimous[place], bootstrap) for place in PLACES
    }


def _parts(
    nights: Sequence[Codes], beside: Sequence[NDArray[np.bool_]], place: str
) -> Sequence[Codes]:
    """Return the epochs of each night that belong to one of the PLACES."""
    if place == "all":
        return nights
    masks = beside if place == "transition" else [~mask for mask in beside]
    return [night[mask] for night, mask in zip(nights, masks, strict=True)]


def _measures(
    sums: AgreementSums, unanimous: NDArray[np.int64], bootstrap: Bootstrap
) -> PlaceMeasures:
    same, scored_by_all = unanimous.sum(axis=0)
    return PlaceMeasures(
        epochs=int(sums.categories.paired.sum()),
        **estimates(NAMES, bootstrap, lambda times: _values(sums, times)),
        all_agree=float(same / scored_by_all) if scored_by_all else None,
        epochs_scored_by_all=int(scored_by_all),
    )


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


def _unanimous(night: Codes) -> tuple[int, int]:
    """Count the epochs on which all scorers of the night agree, and those that all scored."""
    present = night[:, (night >= 0).any(axis=0)]
    if present.shape[1] < 2:
        return 0, 0
    by_all = present[(present >= 0).all(axis=1)]
    return int((by_all == by_all[:, :1]).all(axis=1).sum()), len(by_all)


def stage_measures(sums: SheetSums, bootstrap: Bootstrap) -> tuple[StageMeasures, ...]:
    """Return the measures of every stage, in the order of STAGES."""
    of_all = sums.places["all"].categories
    intervals = bootstrap.intervals(lambda times: _stage_values(of_all.drawn(times)))
    epochs = sums.with_stage.sum(axis=0)
    return tuple(
        StageMeasures(
            stage=str(stage),
            epochs=int(epochs[code]),
            # The intervals come measure by measure, each over all stages.
            **{
                name: Estimate.of(interval)
                for name, interval in zip(STAGE_NAMES, intervals[code :: len(STAGES)], strict=True)
            },
        )
        for code, stage in enumerate(STAGES)
    )


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


def _with_stage(night: Codes) -> NDArray[np.int64]:
    counts = category_counts(night, len(STAGES))
    paired = counts[counts.sum(axis=1) > 1]
    return np.asarray((paired > 0).sum(axis=0))
