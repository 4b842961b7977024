"""What people do with a scoring as a whole. Every act leaves an event with its reason."""

from datetime import date

from django.db import transaction

from annotations.models import Scoring, ScoringEvent
from annotations.services.assignments import assign
from annotations.services.errors import ActRefusedError
from studies.models import Mode, User

Kind = ScoringEvent.Kind
State = Scoring.State


def ask_to_reopen(*, scoring: Scoring, user: User, reason: str) -> ScoringEvent:
    """Ask the lead to open a submitted scoring again; the lead decides."""
    return _act(scoring, user, Kind.ASKED, during=State.SUBMITTED, reason=reason)


def decline_reopening(*, scoring: Scoring, user: User, reason: str) -> ScoringEvent:
    return _act(scoring, user, Kind.DECLINED, during=State.SUBMITTED, reason=reason)


def reopen(*, scoring: Scoring, user: User, reason: str) -> ScoringEvent:
    """Open a submitted scoring again. One under adjudication is locked and stays so."""
    return _act(scoring, user, Kind.REOPENED, during=State.SUBMITTED, to=State.OPEN, reason=reason)


def withdraw(*, scoring: Scoring, user: User, reason: str) -> ScoringEvent:
    """Take an open assignment away. What was saved stays; later saves are told so."""
    return _act(scoring, user, Kind.WITHDRAWN, during=State.OPEN, to=State.WITHDRAWN, reason=reason)


@transaction.atomic
def reassign(
    *, scoring: Scoring, user: User, annotator: User, due: date | None, reason: str
) -> ScoringEvent:
    """Take an open assignment away and give its night to somebody else, in the same mode.

    Whoever takes over begins anew: nobody goes on with the stages of another person.

    Raises
    ------
    ActRefusedError, AssignRefusedError
    """
    event = _act(
        scoring, user, Kind.REASSIGNED, during=State.OPEN, to=State.WITHDRAWN, reason=reason
    )
    assign(
        recording=scoring.recording,
        annotator=annotator,
        assigned_by=user,
        due=due,
        mode=Mode(scoring.mode),
        suggestion=scoring.suggestion,
    )
    return event


def give_back(*, scoring: Scoring, user: User) -> ScoringEvent:
    return _act(scoring, user, Kind.GIVEN_BACK, during=State.WITHDRAWN, to=State.OPEN)


def reschedule(*, scoring: Scoring, user: User, due: date | None) -> ScoringEvent:
    return _act(scoring, user, Kind.RESCHEDULED, during=State.OPEN, due=due)


@transaction.atomic
def _act(
    scoring: Scoring,
    user: User,
    kind: Kind,
    *,
    during: State,
    to: State | None = None,
    reason: str | None = None,
    due: date | None = None,
) -> ScoringEvent:
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if scoring.state != during:
        raise ActRefusedError(
            f"This scoring is {scoring.get_state_display().lower()}: nothing was changed."
        )
    if reason is not None and not reason.strip():
        raise ActRefusedError("Say why: the reason is kept with the scoring.")
    if to:
        scoring.state = to
        scoring.submitted_at = None
    if kind == Kind.RESCHEDULED:
        scoring.due = due
    scoring.save(update_fields=["state", "submitted_at", "due"])
    return ScoringEvent.objects.create(
        scoring=scoring, kind=kind, user=user, reason=(reason or "").strip(), due=due
    )
