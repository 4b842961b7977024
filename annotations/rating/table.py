"""The ratings of a study as one table: read from the database, and divided into groups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from annotations.rating.models import DIMENSIONS, RatingArm, RatingItem, RatingSlot, RatingStudy
from psg.ratings import RatedItems
from psg.stages import STAGES


@dataclass(frozen=True)
class Origin:
    """Where an item comes from; there is none of it while the study is blind."""

    arm_id: int
    arm: str
    is_control: bool
    """Whether its words were set wrong on purpose."""
    reference_stage: str | None
    recording_name: str
    epoch: int
    scoring_id: int


@dataclass(frozen=True)
class TableItem:
    """An item as a blind lead may see it, and its origin once nobody is blind any more."""

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
    """One complete rating; `scores` is None for "cannot judge". Look 0 is the first."""

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


# Reading the ratings of a study: two queries.
#
# Arms, references and sources are asked for only once the study was unblinded, so nothing that is
# made from the table can tell them before. The recording of an item and its subject are numbers to
# pair and to draw by.


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
                item=item_places[slot["item_id"]],
                rater=rater_places[slot["rater_id"]],
                look=slot["repeat"],
                place=slot["place"],
                scores=_scores(slot),
                comment=slot["rating__comment"],
            )
            for slot in slots
            if slot["rating__complete"]
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
    found = RatingItem.objects.filter(
        rating_study=rating_study, phase=RatingItem.Phase.MAIN
    ).order_by("code")
    fields = BLIND_FIELDS if is_blind else (*BLIND_FIELDS, *ORIGIN_FIELDS)
    return tuple(_item(row) for row in found.values(*fields))


def _item(row: dict[str, Any]) -> TableItem:
    return TableItem(
        pk=row["pk"],
        code=row["code"],
        stage=row["stage"],
        rules=tuple(row["rules"]),
        words=row["words"],
        is_transition=row["is_transition"],
        recording=row["recording_id"],
        subject=row["recording__subject_id"],
        epoch=row["epoch"],
        origin=_origin(row) if "arm_id" in row else None,
    )


def _origin(row: dict[str, Any]) -> Origin:
    return Origin(
        arm_id=row["arm_id"],
        arm=row["arm__label"],
        is_control=row["arm__kind"] == RatingArm.Kind.CONTROL,
        reference_stage=row["reference_stage"],
        recording_name=row["recording__name"],
        epoch=row["epoch"],
        scoring_id=row["source__scoring_id"],
    )


def _slots(rating_study: RatingStudy) -> list[dict[str, Any]]:
    found = RatingSlot.objects.filter(
        item__rating_study=rating_study, item__phase=RatingItem.Phase.MAIN
    )
    scores = [f"rating__{name}" for name in DIMENSIONS]
    return list(found.order_by("rater_id", "place").values(*SLOT_FIELDS, *scores))


def _scores(slot: dict[str, Any]) -> tuple[int, ...] | None:
    if slot["rating__cannot_judge"]:
        return None
    return tuple(slot[f"rating__{name}"] for name in DIMENSIONS)


def _raters(slots: Sequence[dict[str, Any]]) -> tuple[TableRater, ...]:
    names = {s["rater_id"]: s["rater__name"] or s["rater__username"] for s in slots}
    return tuple(
        TableRater(
            pk=pk,
            name=name,
            done=sum(bool(s["rating__complete"]) for s in slots if s["rater_id"] == pk),
            total=sum(s["rater_id"] == pk for s in slots),
            repeats=sum(s["repeat"] > 0 for s in slots if s["rater_id"] == pk),
        )
        for pk, name in sorted(names.items(), key=lambda one: one[1])
    )


# Ways to divide the items of a rating study, each with its groups.


KeysOf = Callable[[TableItem], tuple[str, ...]]
ARM: Final = "arm"
# Ways of which a blind lead sees nothing, because a group there is an arm or tells one.
SEALED: Final = (ARM, "reference")
REFERENCE_LABELS: Final = {
    "same": "Same stage as the reference",
    "other": "Other stage than the reference",
    "none": "No reference",
}
PLACE_LABELS: Final = {"transition": "Beside a transition", "within": "Away from transitions"}


@dataclass(frozen=True)
class Group:
    """One group; `way` and `key` name it in addresses and downloads, the label for people."""

    way: str
    key: str
    label: str


@dataclass(frozen=True)
class Way:
    """One way to divide items, and the keys of the groups that an item falls in."""

    name: str
    label: str
    keys_of: KeysOf


def _as_written(keys_of: KeysOf) -> KeysOf:
    """Leave known-wrong controls out: they tell of raters, and nothing of a stage or a rule."""

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
    found = {key for item in table.items for key in way.keys_of(item)}
    labels = _labels(table, way, found)
    return [Group(way.name, key, label) for key, label in labels.items() if key in found]


def mask_of(table: RatingTable, group: Group) -> NDArray[np.bool_]:
    keys_of = WAYS[group.way].keys_of
    return np.array([group.key in keys_of(item) for item in table.items], dtype=bool)


def _labels(table: RatingTable, way: Way, found: set[str]) -> dict[str, str]:
    if way.name == ARM:
        return {str(pk): label for pk, label in table.arms.items()}
    if way.name == "stage":
        return {str(stage): str(stage) for stage in STAGES}
    if way.name == "reference":
        return REFERENCE_LABELS
    if way.name == "place":
        return PLACE_LABELS
    return {key: key for key in sorted(found, key=_rule_order)}


def _rule_order(rule: str) -> tuple[int, str]:
    """By stage from W to R, as rule books have it; what is of no stage comes last."""
    stages = [str(stage) for stage in STAGES]
    stage = rule.split(".")[0]
    return stages.index(stage) if stage in stages else len(stages), rule
