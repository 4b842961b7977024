"""Pages of a recording: its tabs, its signals, lights marks, and removal of a failed import."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from jobs.workers import INGEST_QUEUE, live_workers
from psg.ingest import assumed_in
from psg.montage import DERIVATIONS
from recordings.corrections.words import history as corrections_of
from recordings.forms import LightsForm
from recordings.ingest import remove_failed
from recordings.lights import set_recording_lights
from recordings.models import Recording
from recordings.overlaps import overlap_notes
from studies.access import get_or_404, require, signed_in
from studies.models import Role, User
from studies.plots import with_plots
from studies.refusals import refusals_in


@with_plots
@login_required
@require_GET
@ensure_csrf_cookie
def recording(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Show the overview of a recording; htmx requests the part that changes during the import."""
    user = signed_in(request)
    shown = _visible(user, recording_id)
    is_waiting = shown.state == Recording.State.INGESTING
    is_part = "HX-Request" in request.headers
    if is_part and not is_waiting:
        return HttpResponse(headers={"HX-Refresh": "true"})
    is_lead = shown.study.allows(user, [Role.LEAD])
    context = {
        "recording": shown,
        "study": shown.study,
        "ingest": getattr(shown, "ingest", None),
        "is_lead": is_lead,
        "notes": _quality_notes(shown, is_lead=is_lead),
        "lights_form": LightsForm(recording=shown) if is_lead else None,
        "no_worker": is_waiting and not live_workers(INGEST_QUEUE),
    }
    template = "recordings/_ingest.html" if is_part else "recordings/recording.html"
    return render(request, template, context)


def _quality_notes(recording: Recording, *, is_lead: bool) -> list[str]:
    """Return what is doubtful about the signals; assumptions are facts of the intake."""
    notes = [note for note in recording.notes if note not in assumed_in(recording.intake)]
    return [*notes, *(overlap_notes(recording) if is_lead else ())]


def _visible(user: User, recording_id: int) -> Recording:
    recordings = Recording.objects.of(user).select_related("study", "subject", "ingest")
    return get_or_404(recordings, pk=recording_id)


@login_required
@require_GET
def channels(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Show the channels of the file, and which of them the derivations come from."""
    user = signed_in(request)
    shown = _visible(user, recording_id)
    context = {
        "recording": shown,
        "is_lead": shown.study.allows(user, [Role.LEAD]),
        "derivations": [(name.value, shown.derivations.get(name.value)) for name in DERIVATIONS],
    }
    return render(request, "recordings/channels.html", context)


@login_required
@require_GET
def intake_record(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Show what the file said, what was answered and assumed, and notes on its quality."""
    user = signed_in(request)
    shown = _visible(user, recording_id)
    is_lead = shown.study.allows(user, [Role.LEAD])
    context = {
        "recording": shown,
        "ingest": getattr(shown, "ingest", None),
        "is_lead": is_lead,
        "intake": shown.intake,
        "notes": _quality_notes(shown, is_lead=is_lead),
    }
    return render(request, "recordings/intake_record.html", context)


@login_required
@require_GET
def history(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Show what happened to scorings, signals and marks of a recording."""
    user = signed_in(request)
    shown = _visible(user, recording_id)
    context = {
        "recording": shown,
        "is_lead": shown.study.allows(user, [Role.LEAD]),
        "corrections": corrections_of(shown),
        "lights_changes": shown.lights_changes.select_related("user").order_by("-pk"),
    }
    return render(request, "recordings/history.html", context)


@login_required
@require_GET
@ensure_csrf_cookie
def signals(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Show the signals, to look at only; a recording need not have any scoring."""
    shown = _visible(signed_in(request), recording_id)
    if not shown.has_signals:
        raise Http404("This recording has no signals.")
    return render(request, "recordings/signals.html", {"recording": shown})


@login_required
@require_POST
def remove(request: HttpRequest, recording_id: int) -> HttpResponse:
    user = signed_in(request)
    recordings = Recording.objects.of(user).select_related("study")
    failed = get_or_404(recordings, pk=recording_id)
    require(failed.study, user, Role.LEAD)
    remove_failed(recording=failed)
    messages.success(request, f"{failed.name} was removed. Its import had failed.")
    return redirect("study", slug=failed.study.slug)


@login_required
@require_POST
def lights(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Save lights off and on for all scorers; an invalid form is shown again with its entries."""
    user = signed_in(request)
    marked = get_or_404(Recording.objects.of(user).select_related("study"), pk=recording_id)
    require(marked.study, user, Role.LEAD)
    form = LightsForm(request.POST, recording=marked)
    if form.is_valid():
        with refusals_in(form, field="on"):
            set_recording_lights(recording=marked, lights=form.lights(), user=user)
    if not form.is_valid():
        context = {"recording": marked, "lights_form": form}
        return render(request, "recordings/_lights.html", context)
    messages.success(request, "Lights off and on are saved for all scorers without own marks.")
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect("recordings:recording", recording_id=marked.pk)
