"""Scorings, adjudications, ratings, exports."""

from annotations.models.adjudication import (
    Adjudication,
    AdjudicationDecision,
    AdjudicationSide,
)
from annotations.models.export import Export
from annotations.models.rating import Rating, RatingItem, RatingRevision, RatingSlot, RatingStudy
from annotations.models.scorer import Scorer
from annotations.models.scoring import EpochRevision, EpochScore, Scoring

__all__ = [
    "Adjudication",
    "AdjudicationDecision",
    "AdjudicationSide",
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
