"""Assigning nights to annotators, and what people do with a scoring as a whole."""

from datetime import date

from django.db import transaction

from annotations.scoring.errors import ActRefusedError, AssignRefusedError
from annotations.scoring.lights import bring_lights, own_lights
from annotations.scoring.models import EpochRevision, LightsRevision, Scorer, Scoring, ScoringEvent
from annotations.scoring.scores import add_scores, content_of
from annotations.scoring.scorings import create_scoring, scorer_of_user
from annotations.visibility import is_review, shows_another, why_not_suggested
from recordings.models import Recording
from studies.models import Mode, User


@transaction.atomic
def assign(
    *,
    recording: Recording,
    annotator: User,
    assigned_by: User | None,
    due: date | None = None,
    mode: Mode | None = None,
    suggestion: Scoring | None = None,
) -> Scoring:
    """Give an annotator a night; a night they already have is returned as it is.

    Raises
    ------
    AssignRefusedError
        When the mode shows a suggestion and none that fits was chosen.
    """
    scorer = scorer_of_user(user=annotator)
    Scorer.objects.select_for_update().get(pk=scorer.pk)
    if known := Scoring.objects.filter(recording=recording, scorer=scorer).first():
        return known
    mode = Mode(mode or recording.study.mode)
    if not shows_another(mode):
        suggestion = None
    elif reason := why_not_suggested(recording, annotator, suggestion):
        raise AssignRefusedError(reason)
    scoring = create_scoring(
        recording=recording,
        scorer=scorer,
        mode=mode,
        suggestion=suggestion,
        due=due,
        assigned_by=assigned_by,
    )
    if is_review(mode) and suggestion:
        _copy(suggestion, scoring)
    return scoring


def _copy(source: Scoring, scoring: Scoring) -> None:
    contents = [(score.epoch, content_of(score)) for score in source.scores.all()]
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.COPY)
    bring_lights(scoring=scoring, lights=own_lights(source), why=LightsRevision.Why.COPY)


# What people do with a scoring as a whole. Every act leaves an event with its reason.


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
            f"This scoring is {scoring.get_state_display().lower()}. Nothing was changed."
        )
    if reason is not None and not reason.strip():
        raise ActRefusedError("Enter a reason. It is stored with the scoring.")
    if to:
        scoring.state = to
        scoring.submitted_at = None
    if kind == Kind.RESCHEDULED:
        scoring.due = due
    scoring.save(update_fields=["state", "submitted_at", "due"])
    return ScoringEvent.objects.create(
        scoring=scoring, kind=kind, user=user, reason=(reason or "").strip(), due=due
    )
