"""What rests on a recording and on a person: every table, in the order in which it is erased.

This is the only place that passes protected foreign keys. `tests/lifecycle/test_plan.py` fails if
a model refers to one of these rows and is not named here.
"""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Model, Q, QuerySet

from annotations.adjudication.models import (
    Adjudication,
    AdjudicationComment,
    AdjudicationDecision,
    AdjudicationSide,
    MajoritySettlement,
)
from annotations.agreement.models import NightAgreement
from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.rating.models import (
    Rating,
    RatingArm,
    RatingGold,
    RatingItem,
    RatingRevision,
    RatingSlot,
)
from annotations.releases.models import ReleaseFinding
from annotations.scoring.models import (
    EpochComment,
    EpochRevision,
    EpochScore,
    LightsRevision,
    ScoredEvent,
    Scoring,
    ScoringEvent,
)
from inference.models import PreScoreRun, Reply, RunChunk
from recordings.models import (
    EpochCandidates,
    Ingest,
    IntakeNight,
    Recording,
    RecordingLightsChange,
    SignalCorrection,
)


@dataclass(frozen=True)
class Step:
    """Rows of a table that go with others; `paths` lead from a row to what is erased."""

    model: type[Model]
    words: str
    paths: tuple[str, ...]

    def rows(self, erased: Collection[int]) -> "QuerySet[Model]":
        reached = Q()
        for path in self.paths:
            reached |= Q(**{f"{path}__in": erased})
        return self.model._base_manager.filter(reached)


# The words of an item may be from another epoch, and so in principle from another night.
_OF_ITEM = ("recording", "source__scoring__recording")


def _of_item(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}__{path}" for path in _OF_ITEM)


# A row comes before the rows that it refers to.
NIGHT_STEPS = (
    Step(RatingRevision, "versions of ratings", _of_item("slot__item")),
    Step(Rating, "ratings", _of_item("slot__item")),
    Step(RatingSlot, "places in queues of raters", _of_item("item")),
    Step(RatingGold, "reference scores of rating items", _of_item("item")),
    Step(RatingItem, "rating items", _OF_ITEM),
    Step(RatingArm.scorings.through, "sources of rating arms", ("scoring__recording",)),
    Step(ReleaseFinding, "passages in drafts of releases", ("score__scoring__recording",)),
    Step(AdjudicationDecision, "decisions of adjudicators", ("adjudication__recording",)),
    Step(MajoritySettlement, "rules that settled epochs", ("adjudication__recording",)),
    Step(AdjudicationComment, "comments of adjudicators", ("adjudication__recording",)),
    Step(AdjudicationSide, "sides of adjudications", ("adjudication__recording",)),
    Step(Adjudication, "adjudications", ("recording",)),
    Step(Reply, "replies of models", ("run__recording",)),
    Step(RunChunk, "chunks of pre-scoring runs", ("run__recording",)),
    Step(PreScoreRun, "pre-scoring runs", ("recording",)),
    Step(SentSuggestion, "suggestions that were sent", ("scoring__recording", "source__recording")),
    Step(RevealLock, "locked answers", ("scoring__recording",)),
    Step(EpochComment.mentions.through, "mentions", ("epochcomment__scoring__recording",)),
    Step(EpochComment, "comments", ("scoring__recording",)),
    Step(LightsRevision, "changes of lights by scorers", ("scoring__recording",)),
    Step(ScoringEvent, "events of scorings", ("scoring__recording",)),
    Step(EpochRevision, "changes of epoch scores", ("scoring__recording",)),
    Step(EpochScore, "epoch scores", ("scoring__recording",)),
    Step(ScoredEvent, "events of imported files", ("scoring__recording",)),
    Step(Scoring, "scorings", ("recording",)),
    Step(NightAgreement, "stored agreement", ("recording",)),
    Step(EpochCandidates, "epochs searched for events", ("recording",)),
    Step(RecordingLightsChange, "changes of lights by leads", ("recording",)),
    Step(SignalCorrection, "corrections of signals", ("recording",)),
    Step(Ingest, "imports of the file", ("recording",)),
    Step(IntakeNight, "rows of intake queues", ("recording",)),
    Step(Recording, "recordings", ("pk",)),
)

# Of a scoring on which no adjudication, rating, suggestion or release rests.
SCORING_STEPS = (
    Step(ReleaseFinding, "passages in drafts of releases", ("score__scoring",)),
    Step(SentSuggestion, "suggestions that were sent", ("scoring",)),
    Step(RevealLock, "locked answers", ("scoring",)),
    Step(EpochComment, "comments", ("scoring",)),
    Step(LightsRevision, "changes of lights", ("scoring",)),
    Step(ScoringEvent, "events of scorings", ("scoring",)),
    Step(EpochRevision, "changes of epoch scores", ("scoring",)),
    Step(EpochScore, "epoch scores", ("scoring",)),
    Step(ScoredEvent, "events of imported files", ("scoring",)),
    Step(Scoring, "scorings", ("pk",)),
)
