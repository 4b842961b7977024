"""The overview of a study: how far the work is, and what waits for the person who looks.

Everything is counted over what `annotations.visibility` shows to that person: recordings that are
closed to a lead who scores or rates them are in no number.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from annotations.exchange.models import Export, FileImport, MassexImport, ScoringImport
from annotations.rating.calibration import calibrations_of
from annotations.rating.models import RatingRater, RatingSlot, RatingStudy
from annotations.releases.models import Release
from annotations.scoring.models import FINISHED, Scorer, Scoring
from annotations.scoring.reading import asked_to_reopen
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
    """Those of them that are closed to the person: nothing else is counted of these."""
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


def scorings_of(study: Study, state: str = "", **chosen: str) -> str:
    """Return the address of the assignments of people in a study, in the list of scorings."""
    states = {"state": state} if state else {}
    return rows_of(study, "scorings", kind=Scorer.Kind.HUMAN, **states, **chosen)


def progress_of(user: User, study: Study) -> Progress:
    return progress_by_study(user, [study])[study]


def progress_by_study(user: User, studies: Iterable[Study]) -> dict[Study, Progress]:
    """Return how far studies are. The number of queries does not depend on theirs."""
    wanted = list(studies)
    work = _work(user).filter(recording__study__in=wanted)
    assigned = count_by(work, "recording__study")
    finished = count_by(work.filter(state__in=FINISHED), "recording__study")
    late = count_by(work.filter(overdue()), "recording__study")
    recordings = Recording.objects.filter(study__in=wanted)
    closed = recordings.filter(pk__in=closed_recordings(user))
    is_assigned = Exists(work.filter(recording=OuterRef("pk")))
    free = recordings.exclude(pk__in=closed.values("pk")).exclude(is_assigned)
    counts = [count_by(rows, "study") for rows in (recordings, closed, free)]
    return {
        study: Progress(
            recordings=counts[0][study.pk],
            closed=counts[1][study.pk],
            unassigned=counts[2][study.pk],
            assigned=assigned[study.pk],
            finished=finished[study.pk],
            overdue=late[study.pk],
        )
        for study in wanted
    }


def work_of(user: User, study: Study) -> QuerySet[Scoring]:
    """Return the assignments of people in a study that a person may see, without withdrawn ones."""
    return _work(user).filter(recording__study=study)


def _work(user: User) -> QuerySet[Scoring]:
    people = visible_scorings(user).filter(scorer__kind=Scorer.Kind.HUMAN)
    return people.exclude(state=Scoring.State.WITHDRAWN)


def count_by(rows: QuerySet[Any], way: str) -> Counter[int]:
    """Count rows by the id that `way` leads to."""
    return Counter(dict(rows.order_by().values_list(way).annotate(Count("pk"))))


# Needs


Needs = Iterator[tuple[Study, Need]]


def needs_of(user: User, study: Study, roles: Iterable[Role]) -> list[Need]:
    """Return what waits for a person in a study, as far as their roles let them act on it."""
    return needs_by_study(user, {study: frozenset(roles)})[study]


def needs_by_study(user: User, roles: Mapping[Study, Collection[Role]]) -> dict[Study, list[Need]]:
    """Return what waits in studies. The number of queries does not depend on theirs."""
    led = [study for study, held in roles.items() if Role.LEAD in held]
    settled = [s for s, held in roles.items() if not {Role.LEAD, Role.ADJUDICATOR}.isdisjoint(held)]
    needs: dict[Study, list[Need]] = {study: [] for study in roles}
    work = _work(user) if settled else Scoring.objects.none()
    parts: list[Needs] = []
    if led:
        parts += [_of_scorings(work, led), _of_raters(led), _of_intake(led)]
        parts += [_of_files(led), _of_runs(user, led)]
    if settled:
        parts.append(_of_differences(work, settled))
    for study, need in chain.from_iterable(parts):
        if need.count:
            needs[study].append(need)
    return needs


def _of_scorings(work: QuerySet[Scoring], studies: Sequence[Study]) -> Needs:
    of_studies = work.filter(recording__study__in=studies)
    asks = count_by(asked_to_reopen(of_studies), "recording__study")
    late = count_by(of_studies.filter(overdue()), "recording__study")
    for study in studies:
        address = scorings_of(study, asked="yes")
        yield study, Need(asks[study.pk], "request|to reopen a scoring", address)
        yield study, Need(late[study.pk], "overdue scoring", scorings_of(study, due="overdue"))


def _of_raters(studies: Sequence[Study]) -> Needs:
    """Raters who did not pass the calibration round, and wait to be admitted."""
    seats = RatingRater.objects.filter(
        rating_study__study__in=studies,
        rating_study__state=RatingStudy.State.OPEN,
        calibrated_at=None,
        released_at=None,
    ).select_related("rating_study__study", "rater")
    # Few raters have begun a calibration round and not passed it; only of them more is asked.
    begun = RatingSlot.objects.calibration().filter(
        rater=OuterRef("rater"),
        item__rating_study=OuterRef("rating_study"),
        gold_shown_at__isnull=False,
    )
    held = Counter(
        calibration.seat.rating_study
        for calibration in calibrations_of(seats.filter(Exists(begun)))
        if calibration.is_held
    )
    for rating_study, count in held.items():
        address = reverse("annotations:rating-raters", args=[rating_study.pk])
        words = f"rater|held after calibration in {rating_study}"
        yield rating_study.study, Need(count, words, address)


def _of_intake(studies: Sequence[Study]) -> Needs:
    """Open questions and refused files, each with the queue that holds them."""
    queues = IntakeQueue.objects.filter(study__in=studies, state=IntakeQueue.State.OPEN).annotate(
        questions=Count(
            "nights", filter=Q(nights__state=IntakeNight.State.QUESTIONS), distinct=True
        ),
        ready=Count("nights", filter=Q(nights__state=IntakeNight.State.READY), distinct=True),
        refused=Count("files", filter=Q(files__state=IntakeFile.State.REFUSED), distinct=True),
    )
    for queue in queues.select_related("study"):
        address = reverse("recordings:intake-queue-page", args=[queue.study.slug, queue.pk])
        words = "recording|of the intake with open questions"
        yield queue.study, Need(queue.questions, words, address)
        yield queue.study, Need(queue.ready, "recording|of the intake ready to import", address)
        yield queue.study, Need(queue.refused, "refused file|of the intake", address)


def _of_files(studies: Sequence[Study]) -> Needs:
    of_studies = Q(study__in=studies)
    failed = count_by(Recording.objects.filter(of_studies, state=Recording.State.FAILED), "study")
    exports = count_by(Export.objects.filter(of_studies, state=Export.State.FAILED), "study")
    drafts = Release.objects.filter(of_studies, state=Release.State.DRAFT).exclude(error="")
    unfrozen = count_by(drafts, "study")
    ready, broken = Q(state=FileImport.State.READY), Q(state=FileImport.State.FAILED)
    massex = MassexImport.objects.filter(of_studies)
    stages = ScoringImport.objects.filter(of_studies)
    imports = [
        (page, count_by(rows.filter(ready), "study"), count_by(rows.filter(broken), "study"))
        for page, rows in (("massex-imports", massex), ("scoring-imports", stages))
    ]
    for study in studies:
        pk, slug = study.pk, [study.slug]
        address = rows_of(study, "recordings", state="failed")
        yield study, Need(failed[pk], "recording|whose import failed", address)
        address = reverse("annotations:exports", args=slug)
        yield study, Need(exports[pk], "failed export", address)
        for page, to_confirm, unread in imports:
            address = reverse(f"annotations:{page}", args=slug)
            yield study, Need(to_confirm[pk], "import|of scorings to confirm", address)
            yield study, Need(unread[pk], "failed import|of scorings", address)
        address = reverse("annotations:releases", args=slug)
        yield study, Need(unfrozen[pk], "release|that could not be frozen", address)


def _of_runs(user: User, studies: Sequence[Study]) -> Needs:
    runs = PreScoreRun.objects.of(user).filter(recording__study__in=studies)
    failed = count_by(runs.filter(state=PreScoreRun.State.FAILED), "recording__study")
    partly = count_by(
        runs.filter(state=PreScoreRun.State.DONE, failed_count__gt=0), "recording__study"
    )
    for study in studies:
        address = reverse("inference:runs", args=[study.slug])
        yield study, Need(failed[study.pk], "failed pre-scoring run", address)
        words = "pre-scoring run|with epochs that failed"
        yield study, Need(partly[study.pk], words, address)


def _of_differences(work: QuerySet[Scoring], studies: Sequence[Study]) -> Needs:
    """Recordings that two or more people have finished, and nobody has settled."""
    nights = unsettled(work.filter(recording__study__in=studies)).values("recording")
    open_ones = count_by(Recording.objects.filter(pk__in=nights), "study")
    for study in studies:
        words = "recording|with two or more finished scorings to settle"
        address = rows_of(study, "recordings", work="unsettled")
        yield study, Need(open_ones[study.pk], words, address)
