"""Pages that list what an erasure reaches and ask for a reason; renaming and moving."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from annotations.visibility import refuse_unaided_nights
from epochwise.lifecycle.corrections import correct_recording, frozen_on
from epochwise.lifecycle.erasing import (
    erase_recording,
    erase_subject,
    nights_of,
    require_reason,
)
from epochwise.lifecycle.forms import CorrectionForm, ErasureForm, PersonErasureForm
from epochwise.lifecycle.people import erase_person, reach_of_person
from epochwise.lifecycle.reach import Nights, open_scorings, reach_of
from recordings.models import Recording, Subject
from studies.access import get_or_404, require, signed_in, site_owner, study_for
from studies.models import Role, User
from studies.refusals import refusals_in


@login_required
@require_http_methods(["GET", "POST"])
def recording(request: HttpRequest, recording_id: int) -> HttpResponse:
    user, erased = led_recording(request, recording_id)
    refuse_unaided_nights([erased.pk], user)  # the list tells of scorings that they must not know
    form = ErasureForm(request.POST or None, name=erased.name)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            require_reason(**_typed(form), name=erased.name)
            erase_recording(recording=erased, user=user, reason=form.cleaned_data["reason"])
            messages.success(request, "Recording erased.")
            return redirect("study", slug=erased.study.slug)
    nights = nights_of(erased.study, [erased.pk])
    return _page(request, form, nights, title=f"recording {erased}", recording=erased)


@login_required
@require_http_methods(["GET", "POST"])
def subject(request: HttpRequest, slug: str, subject_id: int) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    erased = get_or_404(Subject.objects.filter(study=study), pk=subject_id)
    refuse_unaided_nights(erased.recordings.values_list("pk", flat=True), user)
    form = ErasureForm(request.POST or None, name=erased.code)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            require_reason(**_typed(form), name=erased.code)
            erase_subject(subject=erased, user=user, reason=form.cleaned_data["reason"])
            messages.success(request, "Subject erased with all recordings.")
            return redirect("study", slug=study.slug)
    nights = nights_of(study, list(erased.recordings.values_list("pk", flat=True)), erased)
    return _page(request, form, nights, title=f"subject {erased}", recording=None)


@login_required
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Erase an account; for the owner of the site."""
    user = site_owner(request)
    erased = get_or_404(User.objects.all(), pk=user_id)
    form = PersonErasureForm(request.POST or None, name=erased.username)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            require_reason(**_typed(form), name=erased.username)
            reach = erase_person(
                person=erased,
                user=user,
                reason=form.cleaned_data["reason"],
                with_scorings=form.cleaned_data["with_scorings"],
            )
            messages.success(request, f"Account erased. Its work is now by {reach.pseudonym}.")
            return redirect("home")
    context = {"person": erased, "form": form, "reach": reach_of_person(erased)}
    return render(request, "lifecycle/erase_person.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def correct(request: HttpRequest, recording_id: int) -> HttpResponse:
    user, corrected = led_recording(request, recording_id)
    form = CorrectionForm(request.POST or None, recording=corrected)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            correct_recording(
                recording=corrected,
                name=form.cleaned_data["name"],
                subject_code=form.cleaned_data["subject"],
                user=user,
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, "Recording saved. Earlier exports contain the former name.")
            return redirect("recordings:recording", recording_id=corrected.pk)
    context = {
        "recording": corrected,
        "study": corrected.study,
        "form": form,
        "frozen_on": frozen_on(corrected),
    }
    return render(request, "lifecycle/correct.html", context)


def led_recording(request: HttpRequest, recording_id: int) -> tuple[User, Recording]:
    """Return who asks, and a recording of a study that they lead."""
    user = signed_in(request)
    recordings = Recording.objects.of(user).select_related("study", "subject")
    led = get_or_404(recordings, pk=recording_id)
    require(led.study, user, Role.LEAD)
    return user, led


def _typed(form: ErasureForm) -> dict[str, str]:
    data = form.cleaned_data
    return {"reason": data["reason"], "typed": data["confirmation"]}


def _page(
    request: HttpRequest,
    form: ErasureForm,
    nights: Nights,
    *,
    title: str,
    recording: Recording | None,
) -> HttpResponse:
    context = {
        "study": nights.study,
        "nights": nights.recordings,
        "recording": recording,
        "title": title,
        "form": form,
        "reach": reach_of(nights),
        "open_scorings": open_scorings(nights),
    }
    return render(request, "lifecycle/erase.html", context)
