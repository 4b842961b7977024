"""Recordings and scorings of a study as a person may see them, and the facts of a page of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.db.models import (
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.utils import timezone

from annotations.adjudication.models import Adjudication
from annotations.agreement.models import NightAgreement
from annotations.agreement.nights import current_agreements, fresh_agreements
from annotations.scoring.models import FINISHED, EpochRevision, Scorer, Scoring, label_of
from annotations.visibility import OVERSEERS, closed_recordings, visible_scorings
from recordings.models import Recording
from studies.models import Role, Study, User

NO_ROW = 0
"""A key that no row has."""


@dataclass(frozen=True)
class Reader:
    """A person who looks at the lists of a study, and what is closed to them."""

    user: User
    study: Study
    roles: frozenset[Role]
    closed: frozenset[int]

    @classmethod
    def of(cls, user: User, study: Study) -> "Reader":
        roles = frozenset(study.roles_of(user))
        return cls(user, study, roles, frozenset(closed_recordings(user)))

    @property
    def is_lead(self) -> bool:
        return Role.LEAD in self.roles

    @property
    def oversees(self) -> bool:
        return not self.roles.isdisjoint(OVERSEERS)

    @property
    def scorings(self) -> QuerySet[Scoring]:
        """All scorings of the study that the person may open."""
        return visible_scorings(self.user).filter(recording__study=self.study)

    @property
    def work(self) -> QuerySet[Scoring]:
        """Assignments of people: their scorings that were not withdrawn."""
        people = self.scorings.filter(scorer__kind=Scorer.Kind.HUMAN)
        return people.exclude(state=Scoring.State.WITHDRAWN)

    @cached_property
    def agreements(self) -> list[int]:
        """Ids of the stored agreements that still hold, without recordings closed to the person.

        They are read once: whether one holds is costly to determine, and an order, a filter and a
        count would each determine it for every recording.
        """
        current = current_agreements().filter(recording__study=self.study)
        seen = current.exclude(recording__in=self.closed)
        return list(seen.order_by().values_list("pk", flat=True)) if self.oversees else []


def recordings_for(reader: Reader) -> QuerySet[Recording]:
    return Recording.objects.of(reader.user).filter(study=reader.study).select_related("subject")


def with_agreement(reader: Reader, recordings: QuerySet[Recording]) -> QuerySet[Recording]:
    """Add `kappa` and `disputed` to recordings, as far as they may be seen.

    Both are as a worker stored them. They are empty where the scorings have changed since, as in
    the rows of the list, and for recordings that are closed to the person: neither a filter nor
    the order tells anything about these.
    """
    # Django makes a list empty that is ordered by a subquery which looks for a row among none.
    current = reader.agreements or [NO_ROW]
    stored = NightAgreement.objects.filter(recording=OuterRef("pk"), pk__in=current)
    return recordings.annotate(
        kappa=Subquery(stored.values("kappa")), disputed=Subquery(stored.values("disputed"))
    )


def scorings_for(reader: Reader) -> QuerySet[Scoring]:
    return reader.scorings.select_related("recording__subject", "scorer__user")


def overdue() -> Q:
    return Q(state=Scoring.State.OPEN, due__lt=timezone.localdate())


def unsettled(work: QuerySet[Scoring]) -> QuerySet[Scoring, Any]:
    """Return the recordings that two or more people have finished, and nobody has settled."""
    settled = Adjudication.objects.filter(
        recording=OuterRef("recording"), state=Adjudication.State.FINISHED
    )
    finished = work.filter(~Exists(settled), state__in=FINISHED).order_by().values("recording")
    return finished.annotate(people=Count("scorer", distinct=True)).filter(people__gte=2)


# Facts of the recordings of a page


@dataclass
class NightFacts:
    """What is shown of a recording beside its own fields."""

    people: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Models, imports and consensus with a finished scoring."""
    assigned: int = 0
    finished: int = 0
    due: date | None = None
    """Earliest due date of open scorings."""
    last_at: datetime | None = None
    agreement: NightAgreement | None = None
    waits_for_agreement: bool = False

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < timezone.localdate()


def facts_of(reader: Reader, recordings: Sequence[Recording]) -> dict[int, NightFacts]:
    """Return the facts of recordings by id. The number of queries does not depend on theirs."""
    facts = {recording.pk: NightFacts() for recording in recordings}
    last = EpochRevision.objects.filter(scoring=OuterRef("pk")).order_by("-pk")
    scorings = (
        reader.scorings.filter(recording__in=facts)
        .exclude(state=Scoring.State.WITHDRAWN)
        .select_related("scorer")
        .annotate(last_at=Subquery(last.values("at")[:1]))
        .defer("guideline", "import_record", "scorer__provenance")
        .order_by("recording_id", "scorer__label", "pk")
    )
    for scoring in scorings:
        _add(facts[scoring.recording_id], scoring, scoring.last_at)
    if reader.oversees:
        open_nights = [pk for pk in facts if pk not in reader.closed]
        for pk, agreement in fresh_agreements(open_nights).items():
            facts[pk].agreement = agreement
            facts[pk].waits_for_agreement = agreement is None
    return facts


def _add(night: NightFacts, scoring: Scoring, last_at: datetime | None) -> None:
    is_finished = scoring.state in FINISHED
    if scoring.scorer.kind == Scorer.Kind.HUMAN:
        night.assigned += 1
        night.finished += is_finished
        night.people.append(label_of(scoring))
        if scoring.is_open and scoring.due:
            night.due = min(night.due or scoring.due, scoring.due)
    elif is_finished:
        night.others.append(label_of(scoring))
    if last_at:
        night.last_at = max(night.last_at or last_at, last_at)
