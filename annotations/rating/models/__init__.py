"""Rating studies: what is compared and rated, by whom, in what order, and every rating."""

from annotations.rating.models.items import RatingArm, RatingItem
from annotations.rating.models.queues import RatingRater, RatingSlot
from annotations.rating.models.ratings import (
    DIMENSIONS,
    DimensionScores,
    Rating,
    RatingGold,
    RatingRevision,
)
from annotations.rating.models.studies import RatingStudy, RatingStudyEvent, RatingStudyQuerySet

__all__ = [
    "DIMENSIONS",
    "DimensionScores",
    "Rating",
    "RatingArm",
    "RatingGold",
    "RatingItem",
    "RatingRater",
    "RatingRevision",
    "RatingSlot",
    "RatingStudy",
    "RatingStudyEvent",
    "RatingStudyQuerySet",
]
