"""Notices about scorings: who learns of assignments, due dates, requests, answers and mentions.

A scorer is told of their own scorings alone, and nobody of a scoring that is closed to them.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from annotations.exposure import lock_people
from annotations.scoring.models import (
    FINISHED,
    IS_ORIGINAL,
    EpochComment,
    Scorer,
    Scoring,
    ScoringEvent,
    label_of,
)
from annotations.scoring.reading import asked_to_reopen
from annotations.visibility import own_scorings, readers_of, visible_comments, visible_scorings
from recordings.models import Recording
from studies.models import Notice, Study, User
from studies.notices.kinds import Thing
from studies.notices.sending import leads_of, notify

DUE_SOON = timedelta(days=3)
_KIND_OF_ACT = {
    ScoringEvent.Kind.REOPENED: "reopened",
    ScoringEvent.Kind.DECLINED: "refused",
    ScoringEvent.Kind.WITHDRAWN: "withdrawn",
    ScoringEvent.Kind.REASSIGNED: "withdrawn",
    ScoringEvent.Kind.GIVEN_BACK: "assigned",
}


# Making notices


def tell_assigned(*, study: Study, scorings: Iterable[Scoring], by: User | None) -> None:
    _tell_scorers("assigned", study=study, scorings=scorings, by=by)


def tell_reminded(*, study: Study, scorings: Iterable[Scoring], by: User) -> None:
    _tell_scorers("reminded", study=study, scorings=scorings, by=by)


def _tell_scorers(
    name: str, *, study: Study, scorings: Iterable[Scoring], by: User | None, key: str = ""
) -> None:
    """Tell each scorer of all of their scorings at once."""
    theirs: dict[User, list[int]] = {}
    for scoring in scorings:
        if scorer := scoring.scorer.user:
            theirs.setdefault(scorer, []).append(scoring.pk)
    for scorer, ids in theirs.items():
        notify(name, study=study, to=[scorer], about=ids, by=by, key=key)


def tell_of_act(event: ScoringEvent) -> None:
    """Tell the scorer what a lead did with a scoring, and leads what its scorer requests."""
    scoring, study = event.scoring, event.scoring.recording.study
    if event.kind == ScoringEvent.Kind.REQUESTED:
        readers = set(readers_of(scoring))  # a lead who scores the night learns nothing of others
        leads = [lead for lead in leads_of(study) if lead in readers]
        notify("requested", study=study, to=leads, about=[scoring.pk], by=event.user)
    elif name := _KIND_OF_ACT.get(ScoringEvent.Kind(event.kind)):
        _tell_scorers(name, study=study, scorings=[scoring], by=event.user)


def tell_mentioned(comment: EpochComment, people: Iterable[User]) -> None:
    study = comment.scoring.recording.study
    notify("mentioned", study=study, to=people, about=[comment.pk], by=comment.author)


def tell_comparable(scoring: Scoring) -> None:
    """Tell adjudicators of a recording that has two or more finished scorings to compare."""
    recording = scoring.recording
    if comparable_scorings_of(recording).count() >= 2:
        adjudicators = readers_of(scoring)  # those of them with that role
        notify(
            "comparable",
            study=recording.study,
            to=adjudicators,
            about=[recording.pk],
            by=scoring.scorer.user,
        )


def comparable_scorings_of(recording: Recording) -> QuerySet[Scoring]:
    """Return the finished scorings of a recording that an adjudication could settle."""
    finished = Scoring.objects.filter(IS_ORIGINAL, recording=recording, state__in=FINISHED)
    return finished.exclude(scorer__kind=Scorer.Kind.CONSENSUS)


def note_due_dates(today: date | None = None) -> None:
    """Tell scorers which of their open scorings are due soon or overdue, each scoring once a date.

    It may run as often as it likes, and twice at once.
    """
    today = today or timezone.localdate()
    due = Scoring.objects.filter(
        state=Scoring.State.OPEN,
        scorer__user__is_active=True,
        due__lte=today + DUE_SOON,
        recording__study__archived_at=None,
    ).select_related("recording__study", "scorer__user")
    ordered = due.order_by("recording__study", "due", "pk")
    for (study, day), scorings in groupby(ordered, lambda s: (s.recording.study, s.due)):
        assert day is not None
        name = "overdue" if day < today else "due_soon"
        _tell_once(name, study=study, scorings=list(scorings), key=day.isoformat())


@transaction.atomic
def _tell_once(name: str, *, study: Study, scorings: Collection[Scoring], key: str) -> None:
    # Of two that run at once the second waits here, and then sees what the first told.
    lock_people({s.scorer.user for s in scorings if s.scorer.user})
    ids = [scoring.pk for scoring in scorings]
    before = Notice.objects.filter(study=study, kind=name, key=key, about__overlap=ids)
    told = {pk for about in before.values_list("about", flat=True) for pk in about}
    new = [scoring for scoring in scorings if scoring.pk not in told]
    _tell_scorers(name, study=study, scorings=new, by=None, key=key)


# Reading notices


def assignments_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    scorings = own_scorings(user).filter(pk__in=ids).select_related("recording")
    return {scoring.pk: _assignment(scoring) for scoring in scorings}


def _assignment(scoring: Scoring) -> Thing:
    if not scoring.is_open:
        page = reverse("annotations:scoring-page", args=[scoring.pk])
        state = scoring.get_state_display().lower()
        return Thing(scoring.recording.name, page, state, is_over=True)
    desk = reverse("annotations:workbench", args=[scoring.pk])
    due = f"due {scoring.due:%-d %b %Y}" if scoring.due else ""
    day = scoring.due.isoformat() if scoring.due else ""
    return Thing(scoring.recording.name, desk, due, due=day)


def requests_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    scorings = visible_scorings(user).filter(pk__in=ids)
    waiting = set(asked_to_reopen(scorings).values_list("pk", flat=True))
    return {
        scoring.pk: Thing(
            f"{scoring.recording.name} by {label_of(scoring)}",
            reverse("annotations:scoring-page", args=[scoring.pk]),
            "" if scoring.pk in waiting else "answered",
            is_over=scoring.pk not in waiting,
        )
        for scoring in scorings.select_related("recording", "scorer")
    }


def comments_for(user: User, ids: Collection[int]) -> Mapping[int, Thing]:
    comments = visible_comments(user).filter(pk__in=ids, mentions=user)
    return {
        comment.pk: Thing(
            f"{comment.scoring.recording.name}, epoch {comment.epoch + 1}",
            f"{reverse('annotations:workbench', args=[comment.scoring_id])}?epoch={comment.epoch}",
            f"by {comment.author}" + (", resolved" if comment.resolved_at else ""),
            is_over=comment.resolved_at is not None,
        )
        for comment in comments.select_related("author", "scoring__recording")
    }
