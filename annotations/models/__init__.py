"""Scorings, suggestions, adjudications, ratings, imports, exports, releases."""

from annotations.models.adjudication import (
    Adjudication,
    AdjudicationDecision,
    AdjudicationSide,
)
from annotations.models.comment import EpochComment
from annotations.models.export import Export
from annotations.models.lights import LightsRevision
from annotations.models.massex_import import MassexImport
from annotations.models.rating import Rating, RatingRevision, RatingSlot
from annotations.models.rating_gold import RatingGold
from annotations.models.rating_study import (
    RatingArm,
    RatingItem,
    RatingRater,
    RatingStudy,
    RatingStudyEvent,
)
from annotations.models.release import Release, ReleaseEvent
from annotations.models.release_review import HarmlessWords, ReleaseFinding
from annotations.models.scorer import Scorer
from annotations.models.scoring import EpochRevision, EpochScore, Scoring
from annotations.models.scoring_event import ScoringEvent
from annotations.models.suggestion import RevealLock, SentSuggestion

__all__ = [
    "Adjudication",
    "AdjudicationDecision",
    "AdjudicationSide",
    "EpochComment",
    "EpochRevision",
    "EpochScore",
    "Export",
    "HarmlessWords",
    "LightsRevision",
    "MassexImport",
    "Rating",
    "RatingArm",
    "RatingGold",
    "RatingItem",
    "RatingRater",
    "RatingRevision",
    "RatingSlot",
    "RatingStudy",
    "RatingStudyEvent",
    "Release",
    "ReleaseEvent",
    "ReleaseFinding",
    "RevealLock",
    "Scorer",
    "Scoring",
    "ScoringEvent",
    "SentSuggestion",
]
