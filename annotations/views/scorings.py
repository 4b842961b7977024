"""Pages of scorings: the workbench, and assigning a night."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from annotations.forms import AssignForm
from annotations.models import Scoring
from annotations.queries.claims import why_withheld
from annotations.services.assignments import assign
from annotations.services.errors import AssignRefusedError
from recordings.models import Recording
from recordings.tasks import send_search
from studies.access import get_or_404, require, signed_in
from studies.models import Mode, Role, Track, User


@login_required
@require_GET
@ensure_csrf_cookie
def workbench(request: HttpRequest, scoring_id: int) -> HttpResponse:
    scorings = Scoring.objects.of(signed_in(request)).select_related("recording__study", "scorer")
    scoring = get_or_404(scorings, pk=scoring_id)
    is_own = scoring.scorer.user_id == request.user.pk
    has_help = is_own and scoring.mode != Mode.BLIND and scoring.suggestion_id is not None
    context = {
        "scoring": scoring,
        "has_help": has_help,
        "has_claims": _has_claims(scoring, signed_in(request)),
    }
    return render(request, "annotations/workbench.html", context)


def _has_claims(scoring: Scoring, user: User) -> bool:
    """Whether there are words to check, a signal to check them by, and leave to be told."""
    has_words = scoring.track != Track.COARSE and scoring.recording.has_signals
    return has_words and why_withheld(scoring, user) is None


@login_required
@require_POST
def assign_recording(request: HttpRequest, recording_id: int) -> HttpResponse:
    user = signed_in(request)
    recording = get_or_404(Recording.objects.of(user).select_related("study"), pk=recording_id)
    require(recording.study, user, Role.LEAD)
    form = AssignForm(request.POST, recording=recording)
    if form.is_valid():
        _assign(request, recording, form.cleaned_data)
    else:
        messages.error(request, "Nobody was assigned: choose an annotator of this study.")
    return redirect("recordings:recording", recording_id=recording.pk)


def _assign(request: HttpRequest, recording: Recording, wanted: dict[str, Any]) -> None:
    annotator = wanted["annotator"]
    try:
        scoring = assign(
            recording=recording,
            annotator=annotator,
            assigned_by=signed_in(request),
            due=wanted["due"],
            mode=wanted["mode"] or None,
            suggestion=wanted["suggestion"],
        )
    except AssignRefusedError as refused:
        messages.error(request, f"Nobody was assigned. {refused}")
    else:
        messages.success(request, f"{annotator} has {recording} on their list now.")
        if scoring.mode != Mode.BLIND and recording.signals_file:
            send_search(recording.pk)
