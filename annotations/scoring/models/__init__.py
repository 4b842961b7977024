"""Scorers, scorings, epoch scores and comments, with the history of every change."""

from annotations.scoring.models.comments import EpochComment
from annotations.scoring.models.epochs import STAGE_CHOICES, EpochScore, Flag, ScoredEvent
from annotations.scoring.models.revisions import EpochRevision, LightsRevision
from annotations.scoring.models.scorers import Scorer
from annotations.scoring.models.scorings import (
    COPIED_KINDS,
    FINISHED,
    IS_ORIGINAL,
    Event,
    Scoring,
    ScoringEvent,
    ScoringQuerySet,
    label_of,
)

__all__ = [
    "COPIED_KINDS",
    "FINISHED",
    "IS_ORIGINAL",
    "STAGE_CHOICES",
    "EpochComment",
    "EpochRevision",
    "EpochScore",
    "Event",
    "Flag",
    "LightsRevision",
    "ScoredEvent",
    "Scorer",
    "Scoring",
    "ScoringEvent",
    "ScoringQuerySet",
    "label_of",
]
