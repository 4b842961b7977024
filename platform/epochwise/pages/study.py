"""A study's page: its nights, its people's work, and what to do next."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from annotations.scoring.models import OVERSEERS, Scoring
from recordings.workers import live_workers
from studies.access import signed_in, study_for
from studies.models import Role


@login_required
@require_GET
@ensure_csrf_cookie
def study(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    found = study_for(user, slug)
    roles = found.roles_of(user)
    recordings = list(found.recordings.select_related("subject", "ingest"))
    scorings = Scoring.objects.of(user).filter(recording__study=found).select_related("scorer")
    by_recording: dict[int, list[Scoring]] = {}
    for scoring in scorings:
        by_recording.setdefault(scoring.recording_id, []).append(scoring)
    return render(
        request,
        "study.html",
        {
            "study": found,
            "roles": roles,
            "is_lead": Role.LEAD in roles,
            "is_overseer": not roles.isdisjoint(OVERSEERS),
            "nights": [(r, by_recording.get(r.pk, [])) for r in recordings],
            "rating_studies": found.rating_studies.all() if Role.LEAD in roles else [],
            "workers": live_workers(),
        },
    )
