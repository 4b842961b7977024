"""The overview of a study: how far the work is, and what waits for the person who looks.

Everything is counted over what `annotations.visibility` shows to that person: recordings that are
closed to a lead who scores or rates them are in no number.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from annotations.exchange.models import Export, FileImport, MassexImport, ScoringImport
from annotations.rating.calibration import calibrations_of
from annotations.rating.models import RatingRater, RatingSlot, RatingStudy
from annotations.releases.models import Release
from annotations.scoring.models import FINISHED, Scorer, Scoring
from annotations.scoring.reading import waiting_for_lead
from annotations.visibility import closed_recordings, visible_scorings
from epochwise.desk.reading import overdue, unsettled
from inference.models import PreScoreRun
from recordings.models import IntakeFile, IntakeNight, IntakeQueue, Recording
from studies.models import Role, Study, User


@dataclass(frozen=True)
class Progress:
    """How far the assignments of a study are."""

    recordings: int
    closed: int
    """Recordings that are closed to the person, and in none of the other numbers."""
    assigned: int
    finished: int
    overdue: int
    unassigned: int


@dataclass(frozen=True)
class Need:
    """Something that waits for the person, with the page of its rows."""

    count: int
    what: str
    """A noun in the singular that takes an s, and after "|" what is said of it."""
    address: str

    @property
    def words(self) -> str:
        noun, _, rest = self.what.partition("|")
        return f"{noun}{'' if self.count == 1 else 's'} {rest}".strip()


def rows_of(study: Study, what: str, **chosen: str) -> str:
    """Return the address of the recordings or scorings of a study that fit the filters."""
    query = f"?{urlencode(chosen)}" if chosen else ""
    return reverse(f"desk:{what}", args=[study.slug]) + query


def progress_of(user: User, study: Study) -> Progress:
    work = work_of(user, study)
    counted = work.aggregate(
        assigned=Count("pk"),
        finished=Count("pk", filter=Q(state__in=FINISHED)),
        overdue=Count("pk", filter=overdue()),
    )
    recordings = Recording.objects.filter(study=study)
    closed = recordings.filter(pk__in=closed_recordings(user))
    is_assigned = Exists(work.filter(recording=OuterRef("pk")))
    return Progress(
        recordings=recordings.count(),
        closed=closed.count(),
        unassigned=recordings.exclude(pk__in=closed.values("pk")).exclude(is_assigned).count(),
        **counted,
    )


def work_of(user: User, study: Study) -> QuerySet[Scoring]:
    """Return the assignments of people in a study that a person may see, without withdrawn ones."""
    people = visible_scorings(user).filter(recording__study=study, scorer__kind=Scorer.Kind.HUMAN)
    return people.exclude(state=Scoring.State.WITHDRAWN)


def needs_of(user: User, study: Study, roles: Iterable[Role]) -> list[Need]:
    """Return what waits for a person in a study, as far as their roles let them act on it."""
    held = set(roles)
    needs: list[Need] = []
    if Role.LEAD in held:
        needs += [*_of_scorings(user, study), *_of_raters(study), *_of_intake(study)]
        needs += [*_of_files(study), *_of_runs(user, study)]
    if held & {Role.LEAD, Role.ADJUDICATOR}:
        needs += _of_differences(user, study)
    return [need for need in needs if need.count]


def _of_scorings(user: User, study: Study) -> Iterator[Need]:
    waiting = waiting_for_lead(user, study)
    yield Need(
        waiting.asks,
        "request|to reopen a scoring",
        rows_of(study, "scorings", asked="yes"),
    )
    yield Need(waiting.late, "overdue scoring", rows_of(study, "scorings", due="overdue"))


def _of_raters(study: Study) -> Iterator[Need]:
    """Raters who did not pass the calibration round, and wait to be admitted."""
    seats = RatingRater.objects.filter(
        rating_study__study=study,
        rating_study__state=RatingStudy.State.OPEN,
        calibrated_at=None,
        released_at=None,
    ).select_related("rating_study", "rater")
    # Few raters have begun a calibration round and not passed it; only of them more is asked.
    begun = RatingSlot.objects.calibration().filter(
        rater=OuterRef("rater"),
        item__rating_study=OuterRef("rating_study"),
        gold_shown_at__isnull=False,
    )
    held: dict[RatingStudy, int] = {}
    for calibration in calibrations_of(seats.filter(Exists(begun))):
        if calibration.is_held:
            rating_study = calibration.seat.rating_study
            held[rating_study] = held.get(rating_study, 0) + 1
    for rating_study, count in held.items():
        address = reverse("annotations:rating-raters", args=[rating_study.pk])
        yield Need(count, f"rater|held after calibration in {rating_study}", address)


def _of_intake(study: Study) -> Iterator[Need]:
    """Open questions and refused files, each with the queue that holds them."""
    queues = study.intake_queues.filter(state=IntakeQueue.State.OPEN).annotate(
        questions=Count(
            "nights", filter=Q(nights__state=IntakeNight.State.QUESTIONS), distinct=True
        ),
        ready=Count("nights", filter=Q(nights__state=IntakeNight.State.READY), distinct=True),
        refused=Count("files", filter=Q(files__state=IntakeFile.State.REFUSED), distinct=True),
    )
    for queue in queues:
        address = reverse("recordings:intake-queue-page", args=[study.slug, queue.pk])
        yield Need(queue.questions, "recording|of the intake with open questions", address)
        yield Need(queue.ready, "recording|of the intake ready to import", address)
        yield Need(queue.refused, "refused file|of the intake", address)


def _of_files(study: Study) -> Iterator[Need]:
    failed = study.recordings.filter(state=Recording.State.FAILED).count()
    yield Need(
        failed, "recording|whose import failed", rows_of(study, "recordings", state="failed")
    )
    exports = Export.objects.filter(study=study, state=Export.State.FAILED).count()
    yield Need(exports, "failed export", reverse("annotations:exports", args=[study.slug]))
    for model, page in ((MassexImport, "massex-imports"), (ScoringImport, "scoring-imports")):
        address = reverse(f"annotations:{page}", args=[study.slug])
        of_study = model._default_manager.filter(study=study)
        ready = of_study.filter(state=FileImport.State.READY).count()
        yield Need(ready, "import|of scorings to confirm", address)
        broken = of_study.filter(state=FileImport.State.FAILED).count()
        yield Need(broken, "failed import|of scorings", address)
    drafts = study.releases.filter(state=Release.State.DRAFT).exclude(error="").count()
    yield Need(
        drafts,
        "release|that could not be frozen",
        reverse("annotations:releases", args=[study.slug]),
    )


def _of_runs(user: User, study: Study) -> Iterator[Need]:
    runs = PreScoreRun.objects.of(user).filter(recording__study=study)
    address = reverse("inference:runs", args=[study.slug])
    yield Need(
        runs.filter(state=PreScoreRun.State.FAILED).count(), "failed pre-scoring run", address
    )
    partly = runs.filter(state=PreScoreRun.State.DONE, failed_count__gt=0).count()
    yield Need(partly, "pre-scoring run|with epochs that failed", address)


def _of_differences(user: User, study: Study) -> Iterator[Need]:
    """Recordings that two or more people have finished, and nobody has settled."""
    yield Need(
        unsettled(work_of(user, study)).count(),
        "recording|with two or more finished scorings to settle",
        rows_of(study, "recordings", work="unsettled"),
    )
