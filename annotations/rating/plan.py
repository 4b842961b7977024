"""What a draft of a rating study would be, for its lead to look at before launch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotations.rating.assignment import is_connected, loads_of, pair_counts
from annotations.rating.drawing import text_sha256
from annotations.rating.facts import RATED
from annotations.rating.models import RatingArm, RatingItem, RatingStudy
from annotations.rating.seats import Seating, seating_of
from annotations.rating.workload import Workload
from annotations.scoring.models import EpochScore
from psg.agreement import ExpectedWidths, expected_widths
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS
from psg.agreement.coverage import coverage_words
from psg.stages import STAGES
from studies.models import User


@dataclass(frozen=True)
class StratumPlan:
    """Items of the main round in a stratum, counted by arm."""

    stage: str
    is_correct: bool | None
    is_transition: bool
    counts: list[int]

    @property
    def reference(self) -> str:
        return {True: "same stage", False: "other stage", None: "no reference"}[self.is_correct]

    @property
    def beside(self) -> str:
        return "beside a transition" if self.is_transition else "away from transitions"

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Margin:
    """Items of the main round with a trait, counted by arm."""

    trait: str
    value: str
    counts: list[int]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, kw_only=True)
class Load(Workload):
    """The ratings of a rater, and their items by arm."""

    rater: User
    by_arm: list[int]


def strata_of(arms: Sequence[RatingArm], items: Sequence[RatingItem]) -> list[StratumPlan]:
    counts = Counter((*item.stratum, item.arm_id) for item in items)
    order = [stage.value for stage in STAGES]
    strata = sorted(
        {item.stratum for item in items},
        key=lambda stratum: (
            order.index(stratum[0]),
            stratum[1] is not True,
            stratum[1] is None,
            stratum[2],
        ),
    )
    return [
        StratumPlan(*stratum, counts=[counts[(*stratum, arm.pk)] for arm in arms])
        for stratum in strata
    ]


def margins_of(strata: Sequence[StratumPlan]) -> list[Margin]:
    """Add strata up by stage, by correctness and by transition, in the order they come in."""
    counts: dict[tuple[str, str], list[int]] = {}
    traits = ("stage", "reference", "beside")
    for trait in traits:
        for stratum in strata:
            key = trait, getattr(stratum, trait)
            known = counts.get(key, [0] * len(stratum.counts))
            counts[key] = [a + b for a, b in zip(known, stratum.counts, strict=True)]
    return [Margin(trait, value, counted) for (trait, value), counted in counts.items()]


def loads_of_raters(
    rating_study: RatingStudy, arms: Sequence[RatingArm], seating: Seating
) -> list[Load]:
    items = loads_of(seating.blocks, len(seating.raters))
    first = loads_of(seating.calibration_blocks, len(seating.raters))
    design = rating_study.design
    loads = []
    for place, rater in enumerate(seating.raters):
        queue = seating.queue(
            place, repeat_percent=design["repeat_percent"], seed=rating_study.seed
        )
        own = Counter(
            item.arm_id
            for item, block in zip(seating.items, seating.blocks, strict=True)
            if place in block
        )
        loads.append(
            Load(
                rater=rater,
                calibration=first[place],
                items=items[place],
                repeats=sum(turn.repeat > 0 for _, turn in queue),
                by_arm=[own[arm.pk] for arm in arms],
            )
        )
    return loads


# What a draft of a rating study would be, for its lead to look at before launch.


PAIRS_SHOWN = 12


@dataclass(frozen=True)
class ArmPlan:
    arm: RatingArm
    wanted: int
    items: int
    calibration: int
    recordings: int
    width: float | None


@dataclass(frozen=True)
class StudyPlan:
    """A draft in numbers."""

    rating_study: RatingStudy
    arms: list[ArmPlan]
    margins: list[Margin]
    strata: list[StratumPlan]
    loads: list[Load]
    shared: list[tuple[User, list[int | None]]]
    """Items that each pair of raters shares; empty for a large panel."""
    fewest_shared: int | None
    most_shared: int | None
    is_connected: bool
    items: int
    recordings: int
    subjects: int
    calibration: list[RatingItem]
    widths: ExpectedWidths
    changed: int
    """Items whose source says something else by now; they keep the words that were drawn."""

    @property
    def has_few_subjects(self) -> bool:
        return self.subjects < FEWEST_FOR_HONEST_INTERVALS

    @property
    def coverage_words(self) -> str:
        return coverage_words(self.subjects, *RATED)

    @property
    def fewest_for_honest_intervals(self) -> int:
        return FEWEST_FOR_HONEST_INTERVALS

    @property
    def mean_width(self) -> float | None:
        return _known(self.widths.mean)

    @property
    def icc_width(self) -> float | None:
        return _known(self.widths.icc_a1)

    @property
    def short_arms(self) -> list[ArmPlan]:
        return [arm for arm in self.arms if arm.items < arm.wanted]

    @property
    def least_load(self) -> int:
        return min(load.total for load in self.loads)

    @property
    def most_load(self) -> int:
        return max(load.total for load in self.loads)

    @property
    def same_epochs(self) -> bool:
        """Whether the design puts several arms, controls aside, on the same epochs."""
        same_epochs = self.rating_study.design.get("same_epochs", False)
        return same_epochs and sum(arm.arm.kind == RatingArm.Kind.SOURCE for arm in self.arms) > 1

    @property
    def has_controls(self) -> bool:
        return any(arm.arm.kind == RatingArm.Kind.CONTROL for arm in self.arms)

    @property
    def without_gold(self) -> int:
        return sum(not hasattr(item, "gold") for item in self.calibration)


def plan_of(rating_study: RatingStudy) -> StudyPlan:
    """Work out what the draft would give to whom, and what could be learnt from it.

    Raises
    ------
    RatingDesignError
        When items have too few raters who may rate them.
    """
    seating = seating_of(rating_study)
    arms = list(rating_study.arms.all())
    widths = _widths(seating, arms)
    pairs = pair_counts(seating.blocks, len(seating.raters))
    strata = strata_of(arms, seating.items)
    return StudyPlan(
        rating_study=rating_study,
        arms=_arms(rating_study, arms, seating, widths),
        margins=margins_of(strata),
        strata=strata,
        loads=loads_of_raters(rating_study, arms, seating),
        shared=_shared(seating, pairs),
        fewest_shared=min(pairs.values(), default=None),
        most_shared=max(pairs.values(), default=None),
        is_connected=is_connected(seating.blocks, len(seating.raters)),
        items=len(seating.items),
        recordings=len({item.recording_id for item in seating.items}),
        subjects=len({item.recording.subject_id for item in seating.items}),
        calibration=list(seating.calibration),
        widths=widths,
        changed=_changed([*seating.items, *seating.calibration]),
    )


def _widths(seating: Seating, arms: Sequence[RatingArm]) -> ExpectedWidths:
    requested = np.zeros((len(seating.items), len(seating.raters)), dtype=bool)
    for row, block in zip(requested, seating.blocks, strict=True):
        row[list(block)] = True
    places = {arm.pk: place for place, arm in enumerate(arms)}
    return expected_widths(
        requested,
        recordings=np.array([item.recording_id for item in seating.items]),
        groups=np.array([places[item.arm_id] for item in seating.items]),
        group_count=len(arms),
    )


def _arms(
    rating_study: RatingStudy,
    arms: Sequence[RatingArm],
    seating: Seating,
    widths: ExpectedWidths,
) -> list[ArmPlan]:
    main = Counter(item.arm_id for item in seating.items)
    first = Counter(item.arm_id for item in seating.calibration)
    nights = Counter(arm for arm, _ in {(i.arm_id, i.recording_id) for i in seating.items})
    return [
        ArmPlan(
            arm=arm,
            wanted=arm_design["items"],
            items=main[arm.pk],
            calibration=first[arm.pk],
            recordings=nights[arm.pk],
            width=_known(width),
        )
        for arm, arm_design, width in zip(
            arms, rating_study.design["arms"], widths.group_means, strict=True
        )
    ]


def _shared(
    seating: Seating, pairs: dict[tuple[int, int], int]
) -> list[tuple[User, list[int | None]]]:
    count = len(seating.raters)
    if not 2 <= count <= PAIRS_SHOWN:
        return []
    return [
        (
            rater,
            [pairs.get((min(place, other), max(place, other))) for other in range(count)],
        )
        for place, rater in enumerate(seating.raters)
    ]


def _changed(items: Sequence[RatingItem]) -> int:
    now = EpochScore.objects.in_bulk([item.source_id for item in items])
    return sum(text_sha256(now[item.source_id]) != item.text_sha256 for item in items)


def _known(width: float) -> float | None:
    return None if math.isnan(width) else width
