"""Who scores a night: a part of the recording's page."""

from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.forms import AssignForm
from annotations.models import Scorer, Scoring
from recordings.models import Recording
from studies.access import get_or_404, signed_in
from studies.models import Role


@login_required
@require_GET
def recording_assignments(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Show people's work on a night: the lead assigns it, an annotator goes on with it."""
    user = signed_in(request)
    recording = get_or_404(Recording.objects.of(user).select_related("study"), pk=recording_id)
    people = (
        Scoring.objects.of(user)
        .filter(recording=recording, scorer__kind=Scorer.Kind.HUMAN)
        .select_related("scorer")
        .annotate(scored=Count("scores", filter=Q(scores__stage__isnull=False)))
    )
    is_lead = recording.study.allows(user, [Role.LEAD])
    return render(
        request,
        "annotations/_assignments.html",
        {
            "recording": recording,
            "people": people,
            "own": next((s for s in people if s.scorer.user_id == user.pk), None),
            "form": AssignForm(recording=recording) if is_lead else None,
            "adjudicates": recording.study.allows(user, [Role.ADJUDICATOR]),
        },
    )
