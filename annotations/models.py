"""Scorings, suggestions, adjudications, ratings, imports, exports, releases."""

from annotations.adjudication.models import (
    Adjudication,
    AdjudicationComment,
    AdjudicationDecision,
    AdjudicationSide,
    MajoritySettlement,
)
from annotations.agreement.models import AgreementWork, NightAgreement
from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.exchange.models import Export, MassexImport, ScoringImport
from annotations.rating.models import (
    Rating,
    RatingArm,
    RatingGold,
    RatingItem,
    RatingRater,
    RatingRevision,
    RatingSlot,
    RatingStudy,
    RatingStudyEvent,
)
from annotations.releases.models import (
    HarmlessWords,
    Release,
    ReleaseAccess,
    ReleaseEvent,
    ReleaseFinding,
)
from annotations.scoring.models import (
    EpochComment,
    EpochRevision,
    EpochScore,
    LightsRevision,
    ScoredEvent,
    Scorer,
    Scoring,
    ScoringEvent,
)

__all__ = [
    "Adjudication",
    "AdjudicationComment",
    "AdjudicationDecision",
    "AdjudicationSide",
    "AgreementWork",
    "EpochComment",
    "EpochRevision",
    "EpochScore",
    "Export",
    "HarmlessWords",
    "LightsRevision",
    "MajoritySettlement",
    "MassexImport",
    "NightAgreement",
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
    "ReleaseAccess",
    "ReleaseEvent",
    "ReleaseFinding",
    "RevealLock",
    "ScoredEvent",
    "Scorer",
    "Scoring",
    "ScoringEvent",
    "ScoringImport",
    "SentSuggestion",
]
