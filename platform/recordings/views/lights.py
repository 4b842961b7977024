"""The lead marks lights off and on for all scorers of a night."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from recordings.forms import LightsForm
from recordings.models import Recording
from recordings.services.errors import LightsRefusedError
from recordings.services.lights import set_recording_lights
from studies.access import get_or_404, require, signed_in
from studies.models import Role


@login_required
@require_POST
def lights(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Take the form of the recording page; a refused one comes back with what was typed."""
    user = signed_in(request)
    found = get_or_404(Recording.objects.of(user).select_related("study"), pk=recording_id)
    require(found.study, user, Role.LEAD)
    form = LightsForm(request.POST, recording=found)
    if form.is_valid():
        try:
            set_recording_lights(recording=found, lights=form.lights(), user=user)
        except LightsRefusedError as refused:
            form.add_error("on", str(refused))
    if not form.is_valid():
        context = {"recording": found, "lights_form": form}
        return render(request, "recordings/_lights.html", context)
    messages.success(request, "The lights marks are kept, for every scorer without their own.")
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect("recordings:recording", recording_id=found.pk)
