"""Pages of the intake queue; static/js/intake draws the queue from its JSON."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from recordings.intake.models import IntakeQueue, IntakeRule
from recordings.intake.reading import queue_json, queues_json, rule_json
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role


@login_required
@require_GET
@ensure_csrf_cookie
def intake(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the queues of a study, and a place to drop files, which opens a queue."""
    study = study_for(signed_in(request), slug, Role.LEAD)
    queues = study.intake_queues.select_related("made_by").order_by("-created_at", "-pk")[:100]
    opened = {queue.pk: queue.created_at for queue in queues}
    rules = IntakeRule.objects.filter(study=study).select_related("set_by")
    context = {
        "study": study,
        "queue": None,
        "state": None,
        "queues": [
            {**row, "opened_at": opened.get(int(str(row["id"])))} for row in queues_json(study)
        ],
        "rules": [{**rule_json(rule), "at": rule.set_at} for rule in rules],
    }
    return render(request, "intake/intake.html", context)


@login_required
@require_GET
@ensure_csrf_cookie
def queue(request: HttpRequest, slug: str, queue_id: int) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    shown = get_or_404(IntakeQueue.objects.filter(study=study), pk=queue_id)
    context = {"study": study, "queue": shown, "state": queue_json(shown)}
    return render(request, "intake/queue.html", context)
