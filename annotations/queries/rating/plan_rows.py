"""The rows of a plan: items by stratum, and what each rater would have to rate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from annotations.models import RatingArm, RatingItem, RatingStudy
from annotations.services.rating.balance import loads_of
from annotations.services.rating.seats import Seating
from psg.stages import STAGES
from studies.models import User


@dataclass(frozen=True)
class StratumPlan:
    """How many items of the main round argue for a stage so; one count for each arm."""

    stage: str
    is_correct: bool | None
    is_transition: bool
    counts: list[int]

    @property
    def reference(self) -> str:
        return {True: "stage of the reference", False: "another stage", None: "no reference"}[
            self.is_correct
        ]

    @property
    def beside(self) -> str:
        return "beside a change of stage" if self.is_transition else "no change beside"

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Margin:
    """How many items of the main round share one trait; one count for each arm."""

    trait: str
    value: str
    counts: list[int]

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True)
class Load:
    """What one rater would have to rate."""

    rater: User
    calibration: int
    items: int
    repeats: int
    by_arm: list[int]

    @property
    def total(self) -> int:
        return self.calibration + self.items + self.repeats


def strata_of(arms: Sequence[RatingArm], items: Sequence[RatingItem]) -> list[StratumPlan]:
    counts = Counter((*item.stratum, item.arm_id) for item in items)
    order = [stage.value for stage in STAGES]
    strata = sorted(
        {item.stratum for item in items},
        key=lambda one: (order.index(one[0]), one[1] is not True, one[1] is None, one[2]),
    )
    return [StratumPlan(*one, counts=[counts[(*one, arm.pk)] for arm in arms]) for one in strata]


def margins_of(strata: Sequence[StratumPlan]) -> list[Margin]:
    """Add strata up by stage, by correctness and by transition, in the order they come in."""
    counts: dict[tuple[str, str], list[int]] = {}
    traits = ("stage", "reference", "beside")
    for trait in traits:
        for one in strata:
            key = trait, getattr(one, trait)
            known = counts.get(key, [0] * len(one.counts))
            counts[key] = [a + b for a, b in zip(known, one.counts, strict=True)]
    return [Margin(trait, value, found) for (trait, value), found in counts.items()]


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
