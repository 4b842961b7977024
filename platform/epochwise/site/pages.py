"""The page of the site, for its owner."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from epochwise.database.patience import patient
from epochwise.site import facts
from epochwise.site.audit import Reader
from studies.access import site_owner
from studies.models import AuditEvent

EVENTS_SHOWN = 8


@login_required
@require_GET
def site(request: HttpRequest) -> HttpResponse:
    """Show the whole site; the browser requests the same page again every few seconds."""
    reader = Reader(site_owner(request))
    recent = AuditEvent.objects.select_related("user", "study", "person")
    context = {
        "now": timezone.now(),
        "health": facts.part(facts.health),
        "disk": facts.part(facts.disk),
        "queues": facts.part(facts.queues),
        "quarantine": facts.part(facts.quarantine),
        "versions": facts.part(facts.versions),
        "models": facts.part(facts.models),
        "events": facts.part(
            patient(lambda: [reader.row(event) for event in recent[:EVENTS_SHOWN]])
        ),
        "mail_host": settings.EMAIL_HOST,
        "store": settings.MEDIA_ROOT,
    }
    return render(request, "site/site.html", context)
