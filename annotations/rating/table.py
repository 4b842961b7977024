"""The ratings of a study as a table, read from the database."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotations.rating.models import DIMENSIONS, RatingArm, RatingItem, RatingSlot, RatingStudy
from annotations.rating.workload import Workload
from psg.ratings import RatedItems


@dataclass(frozen=True)
class Origin:
    """Where an item comes from; hidden while the study is blind."""

    arm_id: int
    arm: str
    is_control: bool
    """Whether it is a control item: the rationale belongs to another stage."""
    reference_stage: str | None
    recording_name: str
    epoch: int
    scoring_id: int
    probability: float | None
    """Of being drawn; None where that is not known, see `population.unknown_weights`."""
    rationale_count: int | None
    """Of the arm, from which it was drawn; None where that was not stored."""


@dataclass(frozen=True)
class TableItem:
    """An item as a blind lead may see it, and its origin after unblinding."""

    pk: int
    code: str
    stage: str
    rules: tuple[str, ...]
    words: str
    is_transition: bool
    recording: int
    subject: int
    epoch: int
    origin: Origin | None = None

    @property
    def is_control(self) -> bool:
        """Whether it is known to be a control item; never while blind."""
        return self.origin is not None and self.origin.is_control

    @property
    def is_correct(self) -> bool | None:
        """Whether its stage is that of the reference; None where there is none, or while blind."""
        if self.origin is None or self.origin.reference_stage is None:
            return None
        return self.stage == self.origin.reference_stage


@dataclass(frozen=True)
class TableRating:
    """A complete rating; `scores` is None for "cannot judge". Look 0 is the first."""

    item: int
    rater: int
    look: int
    place: int
    scores: tuple[int, ...] | None
    comment: str


@dataclass(frozen=True)
class TableRater:
    """A rater, and all their ratings.

    `repeats` are the hidden repeats of items; of items as written once that is known.
    """

    pk: int
    name: str
    workload: Workload
    repeats: int

    @property
    def done(self) -> int:
        return self.workload.done

    @property
    def total(self) -> int:
        return self.workload.total


@dataclass(frozen=True)
class RatingTable:
    """Ratings name items and raters by their places in the lists."""

    items: tuple[TableItem, ...]
    raters: tuple[TableRater, ...]
    ratings: tuple[TableRating, ...]
    is_blind: bool

    @cached_property
    def block(self) -> RatedItems:
        looks = max((rating.look for rating in self.ratings), default=0) + 1
        shape = (len(self.items), len(self.raters), looks)
        scores = np.full((*shape, len(DIMENSIONS)), np.nan)
        cannot_judge = np.zeros(shape, dtype=bool)
        for rating in self.ratings:
            at = rating.item, rating.rater, rating.look
            cannot_judge[at] = rating.scores is None
            if rating.scores is not None:
                scores[at] = rating.scores
        epochs = {key: n for n, key in enumerate(sorted({_epoch(item) for item in self.items}))}
        return RatedItems(
            scores=scores,
            cannot_judge=cannot_judge,
            recordings=np.array([item.recording for item in self.items], dtype=np.int64),
            subjects=np.array([item.subject for item in self.items], dtype=np.int64),
            epochs=np.array([epochs[_epoch(item)] for item in self.items], dtype=np.int64),
            weights=np.array([_weight(item) for item in self.items], dtype=np.float64),
        )

    @cached_property
    def is_control(self) -> NDArray[np.bool_]:
        """Which items are control items, known to be wrong; none while blind; (n_items,)."""
        return np.array([item.is_control for item in self.items], dtype=bool)

    @property
    def controls(self) -> int:
        """The number of control items; 0 while blind."""
        return int(self.is_control.sum())

    @property
    def arms(self) -> dict[int, str]:
        """Labels of the arms that are known, in their order; empty while blind."""
        origins = [item.origin for item in self.items if item.origin is not None]
        return {origin.arm_id: origin.arm for origin in sorted(origins, key=lambda o: o.arm_id)}


def _epoch(item: TableItem) -> tuple[int, int]:
    return item.recording, item.epoch


def _weight(item: TableItem) -> float:
    """Return the number of rationales that an item stands for; NaN where that is not known."""
    probability = item.origin.probability if item.origin else None
    return 1 / probability if probability else np.nan


# Reading the table in two queries. Arms, references and sources are read only after unblinding, so
# that nothing made from the table can reveal them before. Recording and subject are keys by which
# items are paired and resampled.


def read_ratings(rating_study: RatingStudy) -> RatingTable:
    """Read items, raters and complete ratings in two queries."""
    is_blind = rating_study.unblinded_at is None
    items = _items(rating_study, is_blind=is_blind)
    slots = _slots(rating_study)
    raters = _raters(slots, without={item.pk for item in items if item.is_control})
    item_places = {item.pk: place for place, item in enumerate(items)}
    rater_places = {rater.pk: place for place, rater in enumerate(raters)}
    return RatingTable(
        items=items,
        raters=raters,
        ratings=tuple(
            TableRating(
                item=item_places[slot.item_id],
                rater=rater_places[slot.rater_id],
                look=slot.repeat,
                place=slot.place,
                scores=None if slot.cannot_judge else slot.scores,
                comment=slot.comment or "",
            )
            for slot in slots
            if slot.complete and slot.is_main
        ),
        is_blind=is_blind,
    )


BLIND_FIELDS = (
    "pk", "code", "stage", "rules", "words", "is_transition", "recording_id",
    "recording__subject_id", "epoch",
)  # fmt: skip
ORIGIN_FIELDS = (
    "arm_id", "arm__label", "arm__kind", "reference_stage", "recording__name", "source__scoring_id",
    "inclusion_probability", "arm__rationale_count",
)  # fmt: skip
SLOT_FIELDS = (
    "item_id", "item__phase", "rater_id", "rater__name", "rater__username", "repeat", "place",
    "rating__complete", "rating__cannot_judge", "rating__comment",
)  # fmt: skip


def _items(rating_study: RatingStudy, *, is_blind: bool) -> tuple[TableItem, ...]:
    items = RatingItem.objects.filter(
        rating_study=rating_study, phase=RatingItem.Phase.MAIN
    ).order_by("code")
    fields = BLIND_FIELDS if is_blind else (*BLIND_FIELDS, *ORIGIN_FIELDS)
    return tuple(_item(*row) for row in items.values_list(*fields))


def _item(
    pk: int,
    code: str,
    stage: str,
    rules: Sequence[str],
    words: str,
    is_transition: bool,
    recording: int,
    subject: int,
    epoch: int,
    *origin: int | str | float | None,
) -> TableItem:
    """Make an item of the BLIND_FIELDS and, after unblinding, of the ORIGIN_FIELDS."""
    return TableItem(
        pk=pk,
        code=code,
        stage=stage,
        rules=tuple(rules),
        words=words,
        is_transition=is_transition,
        recording=recording,
        subject=subject,
        epoch=epoch,
        origin=_origin(epoch, *origin) if origin else None,  # type: ignore[arg-type]
    )


def _origin(
    epoch: int,
    arm_id: int,
    arm: str,
    kind: str,
    reference_stage: str | None,
    recording_name: str,
    scoring_id: int,
    probability: float | None,
    rationale_count: int | None,
) -> Origin:
    return Origin(
        arm_id=arm_id,
        arm=arm,
        is_control=kind == RatingArm.Kind.CONTROL,
        reference_stage=reference_stage,
        recording_name=recording_name,
        epoch=epoch,
        scoring_id=scoring_id,
        probability=probability,
        rationale_count=rationale_count,
    )


class _Slot(NamedTuple):
    """An item in a rater's queue, with its rating as far as given: the SLOT_FIELDS."""

    item_id: int
    phase: str
    rater_id: int
    rater_name: str
    rater_username: str
    repeat: int
    place: int
    complete: bool | None
    cannot_judge: bool | None
    comment: str | None
    scores: tuple[int, ...]

    @property
    def is_main(self) -> bool:
        return self.phase == RatingItem.Phase.MAIN


def raters_of(rating_study: RatingStudy) -> tuple[TableRater, ...]:
    """Return the raters with their ratings, by name."""
    return _raters(_slots(rating_study))


def _slots(rating_study: RatingStudy) -> list[_Slot]:
    slots = RatingSlot.objects.filter(item__rating_study=rating_study)
    scores = [f"rating__{name}" for name in DIMENSIONS]
    rows: Iterable[tuple[Any, ...]] = slots.order_by("rater_id", "place").values_list(
        *SLOT_FIELDS, *scores
    )
    count = len(SLOT_FIELDS)
    return [_Slot._make((*row[:count], row[count:])) for row in rows]


def _raters(
    slots: Sequence[_Slot], *, without: Collection[int] = frozenset()
) -> tuple[TableRater, ...]:
    names = {slot.rater_id: slot.rater_name or slot.rater_username for slot in slots}
    mine: dict[int, list[_Slot]] = {pk: [] for pk in names}
    for slot in slots:
        mine[slot.rater_id].append(slot)
    return tuple(
        TableRater(
            pk=pk,
            name=name,
            workload=_workload(mine[pk]),
            repeats=sum(
                slot.repeat > 0 and slot.is_main and slot.item_id not in without
                for slot in mine[pk]
            ),
        )
        for pk, name in sorted(names.items(), key=lambda rater: rater[1])
    )


def _workload(slots: Sequence[_Slot]) -> Workload:
    first = [slot for slot in slots if not slot.repeat]
    items = sum(slot.is_main for slot in first)
    return Workload(
        calibration=len(first) - items,
        items=items,
        repeats=len(slots) - len(first),
        done=sum(bool(slot.complete) for slot in slots),
    )
