"""Pages of drafts: the terms of a study, a composition, its change, and letting it go."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from annotations.queries.blind_nights import BlindNightsError
from annotations.release_forms import ReleaseForm, TermsForm, initial_of
from annotations.releases.composition import Composition
from annotations.services.releases import (
    ReleaseRefusedError,
    change_release,
    create_release,
    discard_draft_release,
)
from annotations.views.release_found import found_release
from studies.access import signed_in, study_for
from studies.models import Role


@login_required
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    form = TermsForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "The terms hold for what is frozen from now on.")
        return redirect("annotations:releases", slug=study.slug)
    return render(request, "annotations/release_terms.html", {"study": study, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def new_release(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    form = ReleaseForm(request.POST or None, study=study, initial={"title": study.title})
    if request.method == "POST" and form.is_valid():
        try:
            made = create_release(
                study=study,
                title=form.cleaned_data["title"],
                composition=form.composition(),
                user=user,
            )
        except BlindNightsError as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("annotations:release", release_id=made.pk)
    return render(request, "annotations/release_compose.html", {"study": study, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def compose(request: HttpRequest, release_id: int) -> HttpResponse:
    """Change a draft; sent as it is, it is looked through again."""
    user, found = found_release(request, release_id)
    initial = initial_of(found.title, Composition.from_json(found.composition))
    form = ReleaseForm(request.POST or None, study=found.study, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_release(
                release=found,
                title=form.cleaned_data["title"],
                composition=form.composition(),
                user=user,
            )
        except (ReleaseRefusedError, BlindNightsError) as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("annotations:release", release_id=found.pk)
    return render(
        request,
        "annotations/release_compose.html",
        {"study": found.study, "form": form, "release": found},
    )


@login_required
@require_POST
def discard(request: HttpRequest, release_id: int) -> HttpResponse:
    _, found = found_release(request, release_id)
    try:
        discard_draft_release(release=found)
    except ReleaseRefusedError as refused:
        messages.error(request, str(refused))
        return redirect("annotations:release", release_id=release_id)
    messages.success(request, "The draft is gone.")
    return redirect("annotations:releases", slug=found.study.slug)
