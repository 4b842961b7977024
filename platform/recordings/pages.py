"""Pages of a recording: the recording itself, its lights marks, and removing a file that failed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from jobs.workers import live_workers
from psg.montage import DERIVATIONS
from recordings.forms import LightsForm
from recordings.ingest import remove_failed
from recordings.lights import set_recording_lights
from recordings.models import Recording
from studies.access import get_or_404, require, signed_in
from studies.models import Role
from studies.refusals import refusals_in


@login_required
@require_GET
@ensure_csrf_cookie
def recording(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Show one night; htmx asks for the part that changes while the file is read."""
    user = signed_in(request)
    recordings = Recording.objects.of(user).select_related("study", "subject", "ingest")
    found = get_or_404(recordings, pk=recording_id)
    is_waiting = found.state == Recording.State.INGESTING
    is_part = "HX-Request" in request.headers
    if is_part and not is_waiting:
        return HttpResponse(headers={"HX-Refresh": "true"})
    is_lead = found.study.allows(user, [Role.LEAD])
    return render(
        request,
        f"recordings/{'_ingest' if is_part else 'recording'}.html",
        {
            "recording": found,
            "study": found.study,
            "ingest": getattr(found, "ingest", None),
            "is_lead": is_lead,
            "lights_form": LightsForm(recording=found) if is_lead else None,
            "derivations": [
                (name.value, found.derivations.get(name.value)) for name in DERIVATIONS
            ],
            "no_worker": is_waiting and not live_workers("default"),
        },
    )


@login_required
@require_POST
def remove(request: HttpRequest, recording_id: int) -> HttpResponse:
    user = signed_in(request)
    recordings = Recording.objects.of(user).select_related("study")
    found = get_or_404(recordings, pk=recording_id)
    require(found.study, user, Role.LEAD)
    remove_failed(recording=found)
    messages.success(request, f"{found.name} was removed. Its file could not be read.")
    return redirect("study", slug=found.study.slug)


# The lead marks lights off and on for all scorers of a night.


@login_required
@require_POST
def lights(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Take the form of the recording page; a refused one comes back with what was typed."""
    user = signed_in(request)
    found = get_or_404(Recording.objects.of(user).select_related("study"), pk=recording_id)
    require(found.study, user, Role.LEAD)
    form = LightsForm(request.POST, recording=found)
    if form.is_valid():
        with refusals_in(form, field="on"):
            set_recording_lights(recording=found, lights=form.lights(), user=user)
    if not form.is_valid():
        context = {"recording": found, "lights_form": form}
        return render(request, "recordings/_lights.html", context)
    messages.success(request, "The lights marks are kept, for every scorer without their own.")
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect("recordings:recording", recording_id=found.pk)
