"""Progress of scorings, and the lists of nights to score."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from annotations.scoring.models import FINISHED, EpochRevision, EpochScore, Scoring, ScoringEvent
from annotations.visibility import own_scorings
from studies.models import User

MS_A_MINUTE = 60_000


@dataclass(frozen=True)
class BoardRow:
    """A scoring with its progress. `pace`: epochs per minute of active time, if measured."""

    scoring: Scoring
    scored: int
    pace: float | None
    last_at: datetime | None
    asks: ScoringEvent | None

    @property
    def total(self) -> int:
        return self.scoring.recording.epoch_count

    @property
    def is_late(self) -> bool:
        due: date | None = self.scoring.due
        return self.scoring.is_open and due is not None and due < timezone.localdate()


# Events that leave a request to reopen unanswered.
_NO_ANSWERS = (
    ScoringEvent.Kind.RESCHEDULED,
    ScoringEvent.Kind.UNLOCKED,
    ScoringEvent.Kind.REMINDED,
)


def asked_to_reopen(scorings: QuerySet[Scoring]) -> QuerySet[Scoring]:
    """Return the submitted scorings with a request to reopen them that nobody has answered."""
    events = ScoringEvent.objects.filter(scoring=OuterRef("pk")).exclude(kind__in=_NO_ANSWERS)
    last = Subquery(events.order_by("-pk").values("kind")[:1])
    submitted = scorings.filter(state=Scoring.State.SUBMITTED)
    return submitted.alias(last_event=last).filter(last_event=ScoringEvent.Kind.REQUESTED)


def board_row(scoring: Scoring) -> BoardRow:
    return board_rows([scoring])[0]


def board_rows(scorings: Sequence[Scoring]) -> list[BoardRow]:
    """Return progress, pace and open requests of scorings, in their order."""
    ids = [scoring.pk for scoring in scorings]
    scored = dict(
        EpochScore.objects.filter(scoring__in=ids, stage__isnull=False)
        .order_by()
        .values_list("scoring_id")
        .annotate(Count("pk"))
    )
    work = {
        row["scoring_id"]: row
        for row in EpochRevision.objects.filter(scoring__in=ids)
        .order_by()
        .values("scoring_id")
        .annotate(
            ms=Sum("active_ms"),
            last=Max("at"),
            epochs=Count("epoch", distinct=True, filter=Q(active_ms__gt=0)),
        )
    }
    asks = _pending_asks(scorings)
    return [
        BoardRow(
            scoring=scoring,
            scored=scored.get(scoring.pk, 0),
            pace=_pace(work.get(scoring.pk)),
            last_at=work[scoring.pk]["last"] if scoring.pk in work else None,
            asks=asks.get(scoring.pk),
        )
        for scoring in scorings
    ]


def _pace(work: Mapping[str, Any] | None) -> float | None:
    return work["epochs"] * MS_A_MINUTE / work["ms"] if work and work["ms"] else None


def _pending_asks(scorings: Iterable[Scoring]) -> dict[int, ScoringEvent]:
    """Return the unanswered requests: each is the last event of a submitted scoring."""
    submitted = [s.pk for s in scorings if s.state == Scoring.State.SUBMITTED]
    last = (
        ScoringEvent.objects.filter(scoring__in=submitted)
        .exclude(kind__in=_NO_ANSWERS)
        .order_by("scoring_id", "-pk")
        .distinct("scoring_id")
    )
    return {event.scoring_id: event for event in last if event.kind == ScoringEvent.Kind.REQUESTED}


# Lists for the home page of an annotator


@dataclass(frozen=True)
class OpenNight:
    """An open scoring with the number of scored epochs."""

    scoring: Scoring
    scored: int
    reminded_at: datetime | None = None

    @property
    def total(self) -> int:
        return self.scoring.recording.epoch_count


def nights_to_score(user: User) -> list[OpenNight]:
    """Return the user's open scorings in studies in use: those begun first, then by due date."""
    reminders = ScoringEvent.objects.filter(scoring=OuterRef("pk"), kind=ScoringEvent.Kind.REMINDED)
    scorings = (
        own_scorings(user)
        .filter(state=Scoring.State.OPEN, recording__study__archived_at=None)
        .select_related("recording__study", "scorer")
        .annotate(
            scored=Count("scores", filter=Q(scores__stage__isnull=False)),
            reminded_at=Subquery(reminders.order_by("-pk").values("at")[:1]),
        )
    )
    nights = [OpenNight(scoring, scoring.scored, scoring.reminded_at) for scoring in scorings]
    return sorted(nights, key=lambda n: (n.scored == 0, n.scoring.due is None, n.scoring.due))


def nights_scored(user: User, limit: int = 10) -> list[Scoring]:
    finished = own_scorings(user).filter(state__in=FINISHED, recording__study__archived_at=None)
    return list(finished.select_related("recording__study").order_by("-submitted_at")[:limit])


def signals_scored_on(scoring: Scoring) -> list[int]:
    """Return the versions of the recording's signals on which a person scored, oldest first."""
    by_person = scoring.revisions.filter(user__isnull=False)
    shown = by_person.values_list("shown__signals_version", flat=True).order_by().distinct()
    # Saves without a version were made before the first correction.
    return sorted({version or 1 for version in shown})
