"""The ratings of a study as a table: read from the database, and divided into groups."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from annotations.rating.models import DIMENSIONS, RatingArm, RatingItem, RatingSlot, RatingStudy
from psg.ratings import RatedItems
from psg.stages import STAGES


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
    """A rater with how much of the queue is done; `repeats` are the hidden second looks in it."""

    pk: int
    name: str
    done: int
    total: int
    repeats: int


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
        )

    @property
    def controls(self) -> int:
        """Items that are known to be wrong on purpose; 0 while blind."""
        return sum(item.origin is not None and item.origin.is_control for item in self.items)

    @property
    def arms(self) -> dict[int, str]:
        """Labels of the arms that are known, in their order; empty while blind."""
        origins = [item.origin for item in self.items if item.origin is not None]
        return {origin.arm_id: origin.arm for origin in sorted(origins, key=lambda o: o.arm_id)}


def _epoch(item: TableItem) -> tuple[int, int]:
    return item.recording, item.epoch


# Reading the table in two queries. Arms, references and sources are read only after unblinding, so
# that nothing made from the table can reveal them before. Recording and subject are keys by which
# items are paired and resampled.


def read_ratings(rating_study: RatingStudy) -> RatingTable:
    """Read items, raters and complete ratings in two queries."""
    is_blind = rating_study.unblinded_at is None
    items = _items(rating_study, is_blind=is_blind)
    slots = _slots(rating_study)
    raters = _raters(slots)
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
            if slot.complete
        ),
        is_blind=is_blind,
    )


BLIND_FIELDS = (
    "pk", "code", "stage", "rules", "words", "is_transition", "recording_id",
    "recording__subject_id", "epoch",
)  # fmt: skip
ORIGIN_FIELDS = (
    "arm_id", "arm__label", "arm__kind", "reference_stage", "recording__name", "source__scoring_id",
)  # fmt: skip
SLOT_FIELDS = (
    "item_id", "rater_id", "rater__name", "rater__username", "repeat", "place",
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
    *origin: int | str | None,
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
) -> Origin:
    return Origin(
        arm_id=arm_id,
        arm=arm,
        is_control=kind == RatingArm.Kind.CONTROL,
        reference_stage=reference_stage,
        recording_name=recording_name,
        epoch=epoch,
        scoring_id=scoring_id,
    )


class _Slot(NamedTuple):
    """An item in a rater's queue, with its rating as far as given: the SLOT_FIELDS."""

    item_id: int
    rater_id: int
    rater_name: str
    rater_username: str
    repeat: int
    place: int
    complete: bool | None
    cannot_judge: bool | None
    comment: str | None
    scores: tuple[int, ...]


def _slots(rating_study: RatingStudy) -> list[_Slot]:
    slots = RatingSlot.objects.filter(
        item__rating_study=rating_study, item__phase=RatingItem.Phase.MAIN
    )
    scores = [f"rating__{name}" for name in DIMENSIONS]
    rows: Iterable[tuple[Any, ...]] = slots.order_by("rater_id", "place").values_list(
        *SLOT_FIELDS, *scores
    )
    count = len(SLOT_FIELDS)
    return [_Slot._make((*row[:count], row[count:])) for row in rows]


def _raters(slots: Sequence[_Slot]) -> tuple[TableRater, ...]:
    names = {slot.rater_id: slot.rater_name or slot.rater_username for slot in slots}
    return tuple(
        TableRater(
            pk=pk,
            name=name,
            done=sum(bool(slot.complete) for slot in slots if slot.rater_id == pk),
            total=sum(slot.rater_id == pk for slot in slots),
            repeats=sum(slot.repeat > 0 for slot in slots if slot.rater_id == pk),
        )
        for pk, name in sorted(names.items(), key=lambda rater: rater[1])
    )


# Ways to divide the items of a rating study, each with its groups.


KeysOf = Callable[[TableItem], tuple[str, ...]]
ARM: Final = "arm"
# Ways that are hidden while blind, because their groups reveal arms.
SEALED: Final = (ARM, "reference")
REFERENCE_LABELS: Final = {
    "same": "Same stage as the reference",
    "other": "Other stage than the reference",
    "none": "No reference",
}
PLACE_LABELS: Final = {"transition": "Beside a transition", "within": "Away from transitions"}


@dataclass(frozen=True)
class Group:
    """A group; `way` and `key` name it in addresses and downloads, the label for people."""

    way: str
    key: str
    label: str


@dataclass(frozen=True)
class Way:
    """A way to divide items, and the keys of the groups that an item falls in."""

    name: str
    label: str
    keys_of: KeysOf


def _as_written(keys_of: KeysOf) -> KeysOf:
    """Leave control items out: they test raters, not a stage or a rule."""

    def keys(item: TableItem) -> tuple[str, ...]:
        is_control = item.origin is not None and item.origin.is_control
        return () if is_control else keys_of(item)

    return keys


def _arm_keys(item: TableItem) -> tuple[str, ...]:
    return (str(item.origin.arm_id),) if item.origin else ()


def _reference_keys(item: TableItem) -> tuple[str, ...]:
    if item.origin is None:
        return ()
    return ({True: "same", False: "other", None: "none"}[item.is_correct],)


def _place_keys(item: TableItem) -> tuple[str, ...]:
    return ("transition" if item.is_transition else "within",)


WAYS: Final = {
    way.name: way
    for way in (
        Way(ARM, "Arm", _arm_keys),
        Way("stage", "Stage", _as_written(lambda item: (item.stage,))),
        Way("rule", "Cited rule", _as_written(lambda item: item.rules)),
        Way("reference", "Correctness", _as_written(_reference_keys)),
        Way("place", "Position", _as_written(_place_keys)),
    )
}


def open_ways(table: RatingTable) -> list[Way]:
    """Return the ways that may be shown now."""
    return [way for way in WAYS.values() if not (table.is_blind and way.name in SEALED)]


def groups_of(table: RatingTable, way: Way) -> list[Group]:
    """Return the groups that have items, in the order people expect."""
    keys = {key for item in table.items for key in way.keys_of(item)}
    labels = _labels(table, way, keys)
    return [Group(way.name, key, label) for key, label in labels.items() if key in keys]


def mask_of(table: RatingTable, group: Group) -> NDArray[np.bool_]:
    keys_of = WAYS[group.way].keys_of
    return np.array([group.key in keys_of(item) for item in table.items], dtype=bool)


def _labels(table: RatingTable, way: Way, keys: set[str]) -> dict[str, str]:
    if way.name == ARM:
        return {str(pk): label for pk, label in table.arms.items()}
    if way.name == "stage":
        return {str(stage): str(stage) for stage in STAGES}
    if way.name == "reference":
        return REFERENCE_LABELS
    if way.name == "place":
        return PLACE_LABELS
    return {key: key for key in sorted(keys, key=_rule_order)}


def _rule_order(rule: str) -> tuple[int, str]:
    """By stage from W to R, as rule books have it; what is of no stage comes last."""
    stages = [str(stage) for stage in STAGES]
    stage = rule.split(".")[0]
    return stages.index(stage) if stage in stages else len(stages), rule
