"""Pages of the intake queue."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from recordings.intake.models import IntakeQueue
from recordings.intake.reading import queue_json, queues_json
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role


@login_required
@require_GET
@ensure_csrf_cookie
def intake(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the queues of a study, and a place to drop files."""
    study = study_for(signed_in(request), slug, Role.LEAD)
    return render(request, "intake/intake.html", {"study": study, "queues": queues_json(study)})


@login_required
@require_GET
@ensure_csrf_cookie
def queue(request: HttpRequest, slug: str, queue_id: int) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    shown = get_or_404(IntakeQueue.objects.filter(study=study), pk=queue_id)
    state = queue_json(shown)
    return render(
        request,
        "intake/queue.html",
        {"study": study, "queue": shown, "state": state, "no_worker": state["no_worker"]},
    )
