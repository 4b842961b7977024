"""Assigning recordings to annotators, and actions on a scoring as a whole."""

from datetime import date

from django.db import transaction

from annotations.exposure import lock_people
from annotations.scoring.errors import ActRefusedError, AssignRefusedError
from annotations.scoring.lights import bring_lights, own_lights
from annotations.scoring.models import EpochRevision, LightsRevision, Scorer, Scoring, ScoringEvent
from annotations.scoring.notices import tell_assigned, tell_of_act
from annotations.scoring.scores import add_scores, content_of
from annotations.scoring.scorings import create_scoring, scorer_of_user
from annotations.visibility import (
    is_review,
    shows_another,
    why_not_assigned,
    why_not_opened_again,
    why_not_suggested,
)
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
    """Assign a recording to an annotator, or return the scoring that they already have of it.

    Raises
    ------
    AssignRefusedError
        When the mode shows a suggestion and none that fits was chosen, or the annotator rates
        texts of the recording.
    """
    lock_people([annotator])
    scorer = scorer_of_user(user=annotator)
    Scorer.objects.select_for_update().get(pk=scorer.pk)
    if known := Scoring.objects.filter(recording=recording, scorer=scorer).first():
        return known
    mode = Mode(mode or recording.study.mode)
    if reason := why_not_assigned(recording, annotator, mode):
        raise AssignRefusedError(reason)
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
        copy_scores(suggestion, scoring)
    tell_assigned(study=recording.study, scorings=[scoring], by=assigned_by)
    return scoring


def copy_scores(source: Scoring, scoring: Scoring) -> None:
    """Begin a scoring for review with the stages and lights of its source."""
    contents = [(score.epoch, content_of(score)) for score in source.scores.all()]
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.COPY)
    bring_lights(scoring=scoring, lights=own_lights(source), why=LightsRevision.Why.COPY)


# Actions on a scoring as a whole: each adds an event with its reason


Kind = ScoringEvent.Kind
State = Scoring.State


def ask_to_reopen(*, scoring: Scoring, user: User, reason: str) -> ScoringEvent:
    """Request that the lead opens a submitted scoring again."""
    return _act(scoring, user, Kind.REQUESTED, during=State.SUBMITTED, reason=reason)


def decline_reopening(*, scoring: Scoring, user: User, reason: str) -> ScoringEvent:
    return _act(scoring, user, Kind.DECLINED, during=State.SUBMITTED, reason=reason)


def reopen(*, scoring: Scoring, user: User, reason: str) -> ScoringEvent:
    """Open a submitted scoring again. A scoring under adjudication stays locked."""
    return _act(scoring, user, Kind.REOPENED, during=State.SUBMITTED, to=State.OPEN, reason=reason)


def withdraw(*, scoring: Scoring, user: User, reason: str) -> ScoringEvent:
    """Withdraw an open assignment. Saved epochs are kept; later saves are refused."""
    return _act(scoring, user, Kind.WITHDRAWN, during=State.OPEN, to=State.WITHDRAWN, reason=reason)


@transaction.atomic
def reassign(
    *, scoring: Scoring, user: User, annotator: User, due: date | None, reason: str
) -> ScoringEvent:
    """Withdraw an open assignment and assign the recording to another annotator, in the same mode.

    The new annotator begins with an empty scoring and does not continue another person's stages.

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
    if to == State.OPEN:
        _refuse_exposed(scoring)
    if to:
        scoring.state = to
        scoring.submitted_at = None
    if kind == Kind.RESCHEDULED:
        scoring.due = due
    scoring.save(update_fields=["state", "submitted_at", "due"])
    event = ScoringEvent.objects.create(
        scoring=scoring, kind=kind, user=user, reason=(reason or "").strip(), due=due
    )
    tell_of_act(event)
    return event


def _refuse_exposed(scoring: Scoring) -> None:
    """Refuse to open a scoring again for a person who knows, or rates, other texts of the night."""
    if scorer := scoring.scorer.user:
        lock_people([scorer])
    if reason := why_not_opened_again(scoring):
        raise ActRefusedError(reason)
