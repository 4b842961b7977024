"""What waits for whom: the lists behind each role's home."""

from dataclasses import dataclass

from django.db.models import Count, F, Q

from annotations.models import Adjudication, RatingRater, RatingSlot, RatingStudy, Scoring
from annotations.models.scoring import FINISHED
from annotations.queries.adjudication import undecided_epochs
from annotations.queries.rating.calibration import calibrations_of
from recordings.models import Recording
from studies.models import Role, User


@dataclass(frozen=True)
class NightToScore:
    """An open scoring with its progress."""

    scoring: Scoring
    scored: int

    @property
    def total(self) -> int:
        return self.scoring.recording.epoch_count


@dataclass(frozen=True)
class RatingQueue:
    """What one rater has left of one rating study."""

    study: RatingStudy
    rated: int
    total: int
    is_held: bool = False
    """Whether the calibration round was missed and the lead is to let the rater on."""

    @property
    def left(self) -> int:
        return self.total - self.rated


@dataclass(frozen=True)
class NightToCompare:
    """A night with finished scorings; `left` epochs to settle, None where nothing was begun."""

    recording: Recording
    begun: Adjudication | None
    left: int | None


def nights_to_score(user: User) -> list[NightToScore]:
    """Return the user's open scorings: what was begun first, then by due date."""
    scorings = (
        Scoring.objects.own(user)
        .filter(state=Scoring.State.OPEN)
        .select_related("recording__study", "scorer")
        .annotate(scored=Count("scores", filter=Q(scores__stage__isnull=False)))
    )
    nights = [NightToScore(scoring, scoring.scored) for scoring in scorings]
    return sorted(nights, key=lambda n: (n.scored == 0, n.scoring.due is None, n.scoring.due))


def nights_scored(user: User, limit: int = 10) -> list[Scoring]:
    finished = Scoring.objects.own(user).filter(state__in=FINISHED)
    return list(finished.select_related("recording__study").order_by("-submitted_at")[:limit])


def rating_queues(user: User) -> list[RatingQueue]:
    slots = (
        RatingSlot.objects.of(user)
        .values(study_id=F("item__rating_study"))
        .annotate(
            total=Count("pk", distinct=True),
            rated=Count("rating", filter=Q(rating__complete=True), distinct=True),
        )
    )
    studies = RatingStudy.objects.select_related("study").in_bulk([s["study_id"] for s in slots])
    seats = RatingRater.objects.filter(rater_id=user.pk, rating_study__in=studies)
    calibrations = calibrations_of(seats.select_related("rating_study"))
    held = {found.seat.rating_study_id for found in calibrations if found.is_held}
    queues = [
        RatingQueue(studies[s["study_id"]], s["rated"], s["total"], s["study_id"] in held)
        for s in slots
    ]
    return sorted(queues, key=lambda queue: (queue.left == 0, queue.study.pk))


def nights_to_compare(user: User) -> list[NightToCompare]:
    """Return the nights of studies the user adjudicates with two finished scorings or more."""
    finished = Q(scorings__state__in=FINISHED) & ~Q(scorings__scorer__kind="consensus")
    recordings = (
        Recording.objects.of(user, Role.ADJUDICATOR)
        .select_related("study")
        .annotate(finished=Count("scorings", filter=finished))
        .filter(finished__gte=2)
    )
    visible = set(Scoring.objects.of(user).values_list("recording_id", flat=True))
    kept = Adjudication.objects.of(user).exclude(state=Adjudication.State.DISCARDED)
    begun = {one.recording_id: one for one in kept.order_by("pk")}
    nights = [_to_compare(r, begun.get(r.pk)) for r in recordings if r.pk in visible]
    return sorted(nights, key=lambda night: night.left == 0)


def _to_compare(recording: Recording, begun: Adjudication | None) -> NightToCompare:
    return NightToCompare(recording, begun, len(undecided_epochs(begun)) if begun else None)
