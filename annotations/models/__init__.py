"""Scorings, ratings, exports."""

from annotations.models.export import Export
from annotations.models.rating import Rating, RatingItem, RatingRevision, RatingSlot, RatingStudy
from annotations.models.scorer import Scorer
from annotations.models.scoring import EpochRevision, EpochScore, Scoring

__all__ = [
    "EpochRevision",
    "EpochScore",
    "Export",
    "Rating",
    "RatingItem",
    "RatingRevision",
    "RatingSlot",
    "RatingStudy",
    "Scorer",
    "Scoring",
]
