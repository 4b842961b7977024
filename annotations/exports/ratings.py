"""The rows behind the results of a rating study, as csv."""

import csv
from typing import Protocol

from annotations.exports.massex import Table, spreadsheet_safe
from annotations.models import RatingItem, RatingSlot, RatingStudy
from annotations.models.rating import DIMENSIONS

Phase = RatingItem.Phase
COLUMNS = ("item", "stage", "rater", "place", "repeat", *DIMENSIONS, "cannot_judge", "comment")


class Writable(Protocol):
    def write(self, text: str, /) -> object: ...


def write_ratings(file: Writable, rating_study: RatingStudy) -> None:
    """Write one row a complete rating; the source is a column only after unblinding."""
    with_source = rating_study.unblinded_at is not None
    slots = (
        RatingSlot.objects.filter(
            item__rating_study=rating_study, item__phase=Phase.MAIN, rating__complete=True
        )
        .select_related("rating", "rater", "item__source__scoring__scorer")
        .order_by("item__code", "rater_id", "repeat")
    )
    rows = [_cells(slot, with_source=with_source) for slot in slots]
    columns = (*COLUMNS, "source") if with_source else COLUMNS
    table = spreadsheet_safe(Table(columns, rows))
    writer = csv.writer(file)
    writer.writerow(table.columns)
    writer.writerows(table.rows)


def _cells(slot: RatingSlot, *, with_source: bool) -> tuple[str | int | float, ...]:
    rating, item = slot.rating, slot.item
    scores = [getattr(rating, name) for name in DIMENSIONS]
    cells = (
        item.code,
        item.stage,
        str(slot.rater),
        slot.place,
        slot.repeat,
        *("" if score is None else score for score in scores),
        int(rating.cannot_judge),
        rating.comment,
    )
    return (*cells, item.source.scoring.scorer.label) if with_source else cells
