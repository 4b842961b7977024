"""Pages of scorings: the workbench, assignments, and actions on a scoring."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from annotations.adjudication.models import Adjudication
from annotations.scoring import assignments
from annotations.scoring.assignments import assign
from annotations.scoring.errors import ActRefusedError
from annotations.scoring.forms import AssignForm, DueForm, ReasonForm, ReassignForm
from annotations.scoring.models import Scoring, ScoringEvent
from annotations.scoring.reading import board_row, signals_scored_on
from annotations.visibility import (
    adjudications_to_discard,
    may_have_events,
    shows_another,
    visible_scorings,
    why_claims_withheld,
)
from recordings.models import Recording
from recordings.tasks import send_search
from studies.access import get_or_404, require, signed_in
from studies.models import Role, Track, User


@login_required
@require_GET
@ensure_csrf_cookie
def workbench(request: HttpRequest, scoring_id: int) -> HttpResponse:
    scorings = visible_scorings(signed_in(request)).select_related("recording__study", "scorer")
    scoring = get_or_404(scorings, pk=scoring_id)
    is_own = scoring.scorer.user_id == request.user.pk
    has_help = is_own and shows_another(scoring.mode) and scoring.suggestion_id is not None
    context = {
        "scoring": scoring,
        "has_help": has_help,
        "has_events": may_have_events(scoring, signed_in(request)),
        "has_claims": _has_claims(scoring, signed_in(request)),
    }
    return render(request, "scoring/workbench.html", context)


def _has_claims(scoring: Scoring, user: User) -> bool:
    """Whether the scoring has claims in its rationales that `user` may check by the signal."""
    is_checkable = scoring.track != Track.COARSE and scoring.recording.has_signals
    return is_checkable and why_claims_withheld(scoring, user) is None


@login_required
@require_POST
def assign_recording(request: HttpRequest, recording_id: int) -> HttpResponse:
    user = signed_in(request)
    recording = get_or_404(Recording.objects.of(user).select_related("study"), pk=recording_id)
    require(recording.study, user, Role.LEAD)
    form = AssignForm(request.POST, recording=recording, by=user)
    if form.is_valid():
        _assign(request, recording, form.cleaned_data)
    else:
        messages.error(request, "No annotator was assigned. Choose an annotator of this study.")
    return redirect("annotations:recording-scorings", recording_id=recording.pk)


def _assign(request: HttpRequest, recording: Recording, wanted: Mapping[str, Any]) -> None:
    annotator = wanted["annotator"]
    scoring = assign(
        recording=recording,
        annotator=annotator,
        assigned_by=signed_in(request),
        due=wanted["due"],
        mode=wanted["mode"] or None,
        suggestion=wanted["suggestion"],
    )
    messages.success(request, f"{recording} is assigned to {annotator}.")
    if shows_another(scoring.mode) and recording.signals_file:
        send_search(recording.pk)


# The page of a scoring with its history and actions


Act = Callable[..., ScoringEvent]

LEADS_ACTS: dict[str, Act] = {
    "reopen": assignments.reopen,
    "decline": assignments.decline_reopening,
    "withdraw": assignments.withdraw,
    "give-back": assignments.give_back,
    "reschedule": assignments.reschedule,
    "reassign": assignments.reassign,
}
SCORERS_ACTS: dict[str, Act] = {"ask": assignments.ask_to_reopen}


@login_required
@require_GET
def scoring_page(request: HttpRequest, scoring_id: int) -> HttpResponse:
    user = signed_in(request)
    scoring = _visible(user, scoring_id)
    is_lead, is_own = _relation(user, scoring)
    if not (is_lead or is_own):
        raise PermissionDenied("This page is for the scorer and the research lead.")
    context = {
        "scoring": scoring,
        "row": board_row(scoring),
        "events": scoring.events.select_related("user"),
        "is_lead": is_lead,
        "is_own": is_own,
        "due_form": DueForm(initial={"due": scoring.due}),
        "reassign_form": ReassignForm(recording=scoring.recording, initial={"due": scoring.due}),
        "discardable": _discardable(user, scoring),
        "signals": signals_scored_on(scoring) if scoring.recording.signals_version > 1 else [],
    }
    return render(request, "scoring/scoring.html", context)


@login_required
@require_POST
def act(request: HttpRequest, scoring_id: int, what: str) -> HttpResponse:
    """Carry out an action on a scoring. Leads and scorers have different actions."""
    user = signed_in(request)
    scoring = _visible(user, scoring_id)
    is_lead, is_own = _relation(user, scoring)
    acts = (LEADS_ACTS if is_lead else {}) | (SCORERS_ACTS if is_own else {})
    if what not in acts:
        raise PermissionDenied("You are not allowed to do this with this scoring.")
    event = acts[what](scoring=scoring, user=user, **_given(request, what, scoring))
    messages.success(request, f"{event.get_kind_display()}.")
    return redirect("annotations:scoring-page", scoring_id=scoring.pk)


def _discardable(user: User, scoring: Scoring) -> QuerySet[Adjudication]:
    """Return the open adjudications that keep the scoring locked, where `user` may end them."""
    open_ones = adjudications_to_discard(user).filter(state=Adjudication.State.OPEN)
    return open_ones.filter(sides__scoring=scoring).select_related("created_by")


def _given(request: HttpRequest, what: str, scoring: Scoring) -> Mapping[str, Any]:
    if what == "give-back":
        return {}
    form: forms.Form
    if what == "reassign":
        form = ReassignForm(request.POST, recording=scoring.recording)
    else:
        form = DueForm(request.POST) if what == "reschedule" else ReasonForm(request.POST)
    if not form.is_valid():
        raise ActRefusedError(
            "The entry is not valid. Nothing was changed. " + "; ".join(_problems(form))
        )
    return form.cleaned_data


def _problems(form: forms.Form) -> list[str]:
    return [f"{name}: {error}" for name, errors in form.errors.items() for error in errors]


def _visible(user: User, scoring_id: int) -> Scoring:
    scorings = visible_scorings(user).select_related("recording__study", "scorer")
    return get_or_404(scorings, pk=scoring_id)


def _relation(user: User, scoring: Scoring) -> tuple[bool, bool]:
    return scoring.study.allows(user, [Role.LEAD]), scoring.scorer.user_id == user.pk
