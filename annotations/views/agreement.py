"""The scorings of a recording beside one another: a page, or a part of the recording's page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.queries.recording_scorings import recording_scorings as gather
from recordings.models import Recording
from studies.access import get_or_404, signed_in
from studies.models import Role


@login_required
@require_GET
def recording_scorings(request: HttpRequest, recording_id: int) -> HttpResponse:
    user = signed_in(request)
    recordings = Recording.objects.of(user).select_related("study", "subject")
    recording = get_or_404(recordings, pk=recording_id)
    is_part = "HX-Request" in request.headers
    template = "annotations/_scorings.html" if is_part else "annotations/scorings.html"
    context = {
        "recording": recording,
        "found": gather(recording, user, with_all="all" in request.GET),
        "is_adjudicator": recording.study.allows(user, [Role.ADJUDICATOR]),
    }
    return render(request, template, context)
