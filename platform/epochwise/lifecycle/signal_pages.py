"""The page that corrects the signals of a recording, with a preview before anything is written."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from epochwise.lifecycle.pages import led_recording
from epochwise.lifecycle.signal_corrections import checked_plan, request_correction, visible_of
from epochwise.lifecycle.signal_forms import SignalsForm
from epochwise.lifecycle.signal_preview import preview_rows
from jobs.kinds import send_after_commit
from jobs.pages import progress_answer
from psg.errors import RefusedError
from psg.ingest import inspect_night
from recordings.corrections.models import SignalCorrection
from recordings.corrections.planning import (
    opened_raw,
    present_decisions,
    refuse_outdated,
    state_of_signals,
)
from recordings.corrections.words import changes_between
from recordings.corrections.work import dependents_of
from recordings.models import Recording
from studies.access import get_or_404, signed_in
from studies.refusals import refusals_in


@login_required
@require_http_methods(["GET", "POST"])
def correct_signals(request: HttpRequest, recording_id: int) -> HttpResponse:
    user, corrected = led_recording(request, recording_id)
    context: dict[str, object] = {
        "recording": corrected,
        "study": corrected.study,
        "refusal": None,
        "plan": None,
    }
    try:
        rests = dependents_of(corrected)
        form, by_labels = _form(request, corrected)
    except RefusedError as refusal:
        return render(request, "lifecycle/correct_signals.html", {**context, "refusal": refusal})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            given, seen = form.decisions(), form.cleaned_data["seen"]
            if "correct" in request.POST:
                correction = request_correction(
                    recording=corrected,
                    given=given,
                    user=user,
                    why=form.cleaned_data["why"],
                    seen=seen,
                )
                send_after_commit(correction)
                messages.success(
                    request, "The signals are corrected by a worker. Scorings stay as they are."
                )
                return redirect("recordings:history", recording_id=corrected.pk)
            refuse_outdated(corrected, seen)
            plan = checked_plan(corrected, given)
            context["plan"] = plan
            context["changes"] = changes_between(plan.before, plan.after)
            context["rows"] = preview_rows(corrected, plan, form.cleaned_data["epoch"] - 1)
            context["epoch"] = form.cleaned_data["epoch"]
    context |= {"form": form, "by_labels": by_labels, "rests": visible_of(rests, user)}
    return render(request, "lifecycle/correct_signals.html", context)


def _form(request: HttpRequest, recording: Recording) -> tuple[SignalsForm, list[str]]:
    """Return the form, and what the labels say of derivations that are made otherwise now."""
    present = present_decisions(recording)
    with opened_raw(recording) as raw:
        labels = [channel.label for channel in raw.channels]
        found = {
            derivation.value: source.label
            for derivation, source in inspect_night(raw).sources.items()
        }
    form = SignalsForm(
        request.POST or None,
        recording=recording,
        labels=labels,
        present=present,
        seen=state_of_signals(recording),
    )
    shown = {name.value: str(source or "") for name, source in present.channels.items()}
    return form, [f"{name}: {label}" for name, label in found.items() if shown[name] != label]


@login_required
@require_GET
def progress(request: HttpRequest, correction_id: int) -> HttpResponse:
    """Show how far a correction is, as a part of the recording's page."""
    visible = Recording.objects.of(signed_in(request))
    corrections = SignalCorrection.objects.filter(recording__in=visible)
    return progress_answer(request, get_or_404(corrections, pk=correction_id))
