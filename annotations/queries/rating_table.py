"""The complete ratings of a study's main round, as rows and as one block of numbers.

Arms, references and sources are asked for only once the study was unblinded, so nothing that is
made from this table can tell them before. The recording of an item is a number to draw by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from annotations.models import RatingItem, RatingSlot, RatingStudy
from annotations.models.rating import DIMENSIONS
from psg.ratings import RatedItems


@dataclass(frozen=True)
class Origin:
    """Where an item comes from; there is none of it while the study is blind."""

    arm_id: int
    arm: str
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
            epochs=np.array([epochs[_epoch(item)] for item in self.items], dtype=np.int64),
        )

    @property
    def arms(self) -> dict[int, str]:
        """Labels of the arms that are known, in their order; empty while blind."""
        origins = [item.origin for item in self.items if item.origin is not None]
        return {origin.arm_id: origin.arm for origin in sorted(origins, key=lambda o: o.arm_id)}


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
    "pk", "code", "stage", "rules", "words", "is_transition", "recording_id", "epoch",
)  # fmt: skip
ORIGIN_FIELDS = (
    "arm_id", "arm__label", "reference_stage", "recording__name", "source__scoring_id",
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
        epoch=row["epoch"],
        origin=_origin(row) if "arm_id" in row else None,
    )


def _origin(row: dict[str, Any]) -> Origin:
    return Origin(
        arm_id=row["arm_id"],
        arm=row["arm__label"],
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


def _epoch(item: TableItem) -> tuple[int, int]:
    return item.recording, item.epoch
