"""Pages of whole scorings: the lead's board, one scoring's history, and what to do with it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.forms import DueForm, ReasonForm, ReassignForm
from annotations.models import Adjudication, Scoring, ScoringEvent
from annotations.queries.board import board, board_row
from annotations.services import lifecycle
from annotations.services.errors import ActRefusedError, AssignRefusedError
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role, User

Act = Callable[..., ScoringEvent]

LEADS_ACTS: dict[str, Act] = {
    "reopen": lifecycle.reopen,
    "decline": lifecycle.decline_reopening,
    "withdraw": lifecycle.withdraw,
    "give-back": lifecycle.give_back,
    "reschedule": lifecycle.reschedule,
    "reassign": lifecycle.reassign,
}
SCORERS_ACTS: dict[str, Act] = {"ask": lifecycle.ask_to_reopen}


@login_required
@require_GET
def study_board(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    return render(request, "annotations/board.html", {"study": study, "rows": board(user, study)})


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
    }
    return render(request, "annotations/scoring.html", context)


@login_required
@require_POST
def act(request: HttpRequest, scoring_id: int, what: str) -> HttpResponse:
    """Do one thing to a scoring: each is either the lead's or the scorer's to do."""
    user = signed_in(request)
    scoring = _visible(user, scoring_id)
    is_lead, is_own = _relation(user, scoring)
    acts = (LEADS_ACTS if is_lead else {}) | (SCORERS_ACTS if is_own else {})
    if what not in acts:
        raise PermissionDenied("This is not yours to do with this scoring.")
    try:
        event = acts[what](scoring=scoring, user=user, **_given(request, what, scoring))
    except (ActRefusedError, AssignRefusedError) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{event.get_kind_display()}.")
    return redirect("annotations:scoring-page", scoring_id=scoring.pk)


def _discardable(user: User, scoring: Scoring) -> QuerySet[Adjudication]:
    """Return the open adjudications that keep the scoring locked, where `user` may end them."""
    open_ones = Adjudication.objects.discardable(user).filter(state=Adjudication.State.OPEN)
    return open_ones.filter(sides__scoring=scoring).select_related("created_by")


def _given(request: HttpRequest, what: str, scoring: Scoring) -> dict[str, Any]:
    if what == "give-back":
        return {}
    form: forms.Form
    if what == "reassign":
        form = ReassignForm(request.POST, recording=scoring.recording)
    else:
        form = DueForm(request.POST) if what == "reschedule" else ReasonForm(request.POST)
    if not form.is_valid():
        raise ActRefusedError("That was not understood: " + "; ".join(_said(form)))
    return form.cleaned_data


def _said(form: forms.Form) -> list[str]:
    return [f"{name}: {error}" for name, errors in form.errors.items() for error in errors]


def _visible(user: User, scoring_id: int) -> Scoring:
    scorings = Scoring.objects.of(user).select_related("recording__study", "scorer")
    return get_or_404(scorings, pk=scoring_id)


def _relation(user: User, scoring: Scoring) -> tuple[bool, bool]:
    return scoring.study.allows(user, [Role.LEAD]), scoring.scorer.user_id == user.pk
