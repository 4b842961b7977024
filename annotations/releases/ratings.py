"""Ratings of what is released: one row a complete rating, raters by number only."""

from collections.abc import Sequence

from annotations.exports.massex import Table
from annotations.models import RatingArm, RatingItem, RatingSlot, Scoring
from annotations.models.rating import DIMENSIONS

COLUMNS = (
    "recording",
    "epoch",
    "scorer",
    "stage",
    "study",
    "item",
    "rater",
    "repeat",
    *DIMENSIONS,
    "cannot_judge",
    "comment",
)


def ratings_table(scorings: Sequence[Scoring], scorer_names: dict[int, str]) -> Table:
    """Return the ratings of these scorings' words, of studies whose sources may be known."""
    slots = (
        RatingSlot.objects.filter(
            rating__complete=True,
            item__phase=RatingItem.Phase.MAIN,
            item__arm__kind=RatingArm.Kind.SOURCE,
            item__rating_study__unblinded_at__isnull=False,
            item__source__scoring__in=[scoring.pk for scoring in scorings],
        )
        .select_related("rating", "item__recording", "item__rating_study", "item__source__scoring")
        .order_by("item__rating_study_id", "item__code", "rater_id", "repeat")
    )
    raters: dict[int, str] = {}
    rows = []
    for slot in slots:
        rater = raters.setdefault(slot.rater_id, f"rater-{len(raters) + 1}")
        item, rating = slot.item, slot.rating
        scores = [getattr(rating, name) for name in DIMENSIONS]
        rows.append(
            (
                item.recording.name,
                item.epoch,
                scorer_names[item.source.scoring.scorer_id],
                item.stage,
                item.rating_study.title,
                item.code,
                rater,
                slot.repeat,
                *("" if score is None else score for score in scores),
                int(rating.cannot_judge),
                rating.comment,
            )
        )
    return Table(COLUMNS, rows)


def has_comments(ratings: Table) -> bool:
    """Whether any rating comes with words of its rater."""
    return any(row[COLUMNS.index("comment")] for row in ratings.rows)
