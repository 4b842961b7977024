"""Pages of adjudication: choosing scorings, deciding epochs, discarding."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotations.adjudication.errors import AlreadyOpenError
from annotations.adjudication.forms import AdjudicateForm
from annotations.adjudication.lifecycle import discard_adjudication, start_adjudication
from annotations.adjudication.majority import usual_rule
from annotations.adjudication.models import Adjudication
from annotations.adjudication.reading import comparable_scorings, provenances
from annotations.scoring.forms import ReasonForm
from annotations.scoring.models import Scoring
from annotations.visibility import adjudications_to_discard, adjudications_to_settle
from recordings.models import Recording
from studies.access import get_or_404, require, signed_in
from studies.models import Role, User


@login_required
@require_http_methods(["GET", "POST"])
def adjudicate_recording(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Start an adjudication of finished scorings, or list those already started."""
    user = signed_in(request)
    recording = get_or_404(Recording.objects.of(user).select_related("study"), pk=recording_id)
    require(recording.study, user, Role.ADJUDICATOR)
    scorings = comparable_scorings(user, recording)
    chosen = [scoring.pk for scoring in scorings] if request.GET.get("choose") == "all" else []
    form = AdjudicateForm(request.POST or None, scorings=scorings, initial={"scorings": chosen})
    if request.method == "POST" and form.is_valid():
        begun = _started(request, form.chosen(), user)
        return redirect("annotations:adjudication", adjudication_id=begun.pk)
    known = (
        adjudications_to_settle(user)
        .filter(recording=recording)
        .select_related("created_by", "discarded_by", "recording")
        .annotate(side_count=Count("sides"))
    )
    made = provenances(known)
    context = {
        "recording": recording,
        "form": form,
        "count": len(scorings),
        "known": [(adjudication, made[adjudication.pk]) for adjudication in known],
    }
    return render(request, "adjudication/adjudicate.html", context)


def _started(request: HttpRequest, scorings: Sequence[Scoring], user: User) -> Adjudication:
    """Start an adjudication, or continue the one that has these scorings already."""
    try:
        return start_adjudication(scorings=scorings, user=user)
    except AlreadyOpenError as error:
        messages.info(request, error.what)
        return error.adjudication


@login_required
@require_GET
@ensure_csrf_cookie
def adjudication(request: HttpRequest, adjudication_id: int) -> HttpResponse:
    adjudications = adjudications_to_settle(signed_in(request)).select_related("recording__study")
    adjudication = get_or_404(adjudications, pk=adjudication_id)
    sides = adjudication.sides.count()
    context = {
        "adjudication": adjudication,
        "side_count": sides,
        "least_sides": usual_rule(sides).least_sides,
    }
    return render(request, "adjudication/adjudication.html", context)


@login_required
@require_POST
def discard(request: HttpRequest, adjudication_id: int) -> HttpResponse:
    """Discard an adjudication, which unlocks its original scorings."""
    user = signed_in(request)
    adjudication = get_or_404(adjudications_to_discard(user), pk=adjudication_id)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    discard_adjudication(adjudication=adjudication, user=user, reason=reason)
    messages.success(request, "The adjudication is discarded. Its original scorings are unlocked.")
    return redirect("recordings:recording", recording_id=adjudication.recording_id)
