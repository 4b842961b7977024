"""Reading the ratings of a study: two queries.

Arms, references and sources are asked for only once the study was unblinded, so nothing that is
made from the table can tell them before. The recording of an item and its subject are numbers to
pair and to draw by.
"""

from collections.abc import Sequence
from typing import Any

from annotations.models import RatingArm, RatingItem, RatingSlot, RatingStudy
from annotations.models.rating import DIMENSIONS
from annotations.queries.rating.table import (
    Origin,
    RatingTable,
    TableItem,
    TableRater,
    TableRating,
)


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
