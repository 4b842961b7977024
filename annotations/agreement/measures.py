"""Measures of agreement with intervals: over all epochs, at transitions, by stage, by pair."""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import combinations, compress

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
    pair_tables,
    specific_agreement,
    weighted_kappa,
)
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS
from psg.agreement.coverage import narrow_words, simulated_coverage
from psg.agreement.sums import over
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


@dataclass(frozen=True)
class PairMeasures:
    """Cohen's kappa and agreement of two scorers over the epochs that both scored."""

    scorers: tuple[str, str]
    keys: tuple[str, str]
    kappa: float | None
    kappa_interval: tuple[float | None, float | None]
    agreement: float | None
    agreement_interval: tuple[float | None, float | None]
    epochs: int
    recordings: int


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


def sums_by_place(nights: Sequence[Codes]) -> dict[str, AgreementSums]:
    """Return the sums of all nights for each of the PLACES; at least one night."""
    beside = [at_transition(night) for night in nights]
    sums = {
        place: AgreementSums.of(_parts(nights, beside, place), len(STAGES))
        for place in ("steady", "transition")
    }
    return {"all": sums["steady"].plus(sums["transition"]), **sums}


def place_measures(
    nights: Sequence[Codes], sums: Mapping[str, AgreementSums], bootstrap: Bootstrap
) -> dict[str, PlaceMeasures]:
    """Return the measures of each of the PLACES; `sums` are those of `sums_by_place`."""
    beside = [at_transition(night) for night in nights]
    return {
        place: _measures(sums[place], _parts(nights, beside, place), bootstrap) for place in PLACES
    }


def _parts(
    nights: Sequence[Codes], beside: Sequence[NDArray[np.bool_]], place: str
) -> Sequence[Codes]:
    """Return the epochs of each night that belong to one of the PLACES."""
    if place == "all":
        return nights
    masks = beside if place == "transition" else [~mask for mask in beside]
    return [night[mask] for night, mask in zip(nights, masks, strict=True)]


def _measures(sums: AgreementSums, nights: Sequence[Codes], bootstrap: Bootstrap) -> PlaceMeasures:
    unanimous = np.array([_unanimous(night) for night in nights], dtype=np.float64)
    same, scored_by_all = unanimous.sum(axis=0)
    return PlaceMeasures(
        epochs=int(sums.categories.paired.sum()),
        **estimates(NAMES, bootstrap, lambda times: _values(sums, times)),
        all_agree=defined(same / scored_by_all) if scored_by_all else None,
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


def stage_measures(
    nights: Sequence[Codes], sums: CategorySums, bootstrap: Bootstrap
) -> tuple[StageMeasures, ...]:
    """Return the measures of every stage, in the order of STAGES; `sums` are of all epochs."""
    counts = [category_counts(night, len(STAGES)) for night in nights]
    intervals = bootstrap.intervals(lambda times: _stage_values(sums.drawn(times)))
    return tuple(
        StageMeasures(
            stage=str(stage),
            epochs=sum(_epochs_with(of_night, code) for of_night in counts),
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


def _epochs_with(counts: NDArray[np.int64], category: int) -> int:
    """Count the epochs with two or more scorers, including a scorer who gives this stage."""
    return int(((counts.sum(axis=1) > 1) & (counts[:, category] > 0)).sum())


# Each pair of scorers, over the nights that both scored


PAIRS_AT_ONCE = 32
"""So that memory holds few replicates of large studies."""


def pair_measures(sheet: Sheet) -> tuple[PairMeasures, ...]:
    """Return kappa and agreement of every pair of columns."""
    pairs = list(combinations(sheet.columns, 2))
    if not pairs:
        return ()
    of_nights = [pair_tables(night, len(STAGES)) for night in codes_of(sheet)]
    size = len(STAGES)
    tables = np.stack(of_nights) if of_nights else np.zeros((0, len(pairs), size, size))
    has_both = tables.sum(axis=(-2, -1)) > 0
    together: dict[bytes, list[int]] = defaultdict(list)
    for place in range(len(pairs)):
        together[has_both[:, place].tobytes()].append(place)
    measured = {
        place: measures
        for places in together.values()
        for first in range(0, len(places), PAIRS_AT_ONCE)
        for place, measures in _measured(
            places[first : first + PAIRS_AT_ONCE], tables, has_both, sheet.subjects
        )
    }
    return tuple(
        _pair(pair, *measured[place], tables[:, place], has_both[:, place])
        for place, pair in enumerate(pairs)
    )


def _measured(
    places: Sequence[int], tables: Floats, has_both: NDArray[np.bool_], subjects: Sequence[int]
) -> Iterator[tuple[int, tuple[Estimate, Estimate]]]:
    """Estimate kappa and agreement of pairs that share the same nights."""
    shared = has_both[:, places[0]]
    of_shared = list(compress(subjects, shared))
    size = len(STAGES)
    of_pairs = tables[shared][:, places] if of_shared else np.zeros((1, len(places), size, size))

    def values(times: Floats) -> Floats:
        drawn = np.tensordot(times, of_pairs, axes=1)
        same = np.trace(drawn, axis1=-2, axis2=-1)
        kappas = weighted_kappa(drawn, np.eye(size))
        return np.concatenate([kappas, over(same, drawn.sum(axis=(-2, -1)))], axis=-1)

    estimated = list(map(Estimate.of, bootstrap_of(of_shared).intervals(values)))
    half = len(places)
    yield from zip(places, zip(estimated[:half], estimated[half:], strict=True), strict=True)


def _pair(
    pair: tuple[Column, Column],
    kappa: Estimate,
    agreement: Estimate,
    tables: Floats,
    has_both: NDArray[np.bool_],
) -> PairMeasures:
    first, second = pair
    return PairMeasures(
        scorers=(first.label, second.label),
        keys=(first.key, second.key),
        kappa=kappa.value,
        kappa_interval=(kappa.low, kappa.high),
        agreement=agreement.value,
        agreement_interval=(agreement.low, agreement.high),
        epochs=int(tables.sum()),
        recordings=int(has_both.sum()),
    )
