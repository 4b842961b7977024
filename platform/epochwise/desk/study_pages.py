"""Pages about whole studies: list, create, clone, archive, settings."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from epochwise.desk.forms import CloneForm, NewStudyForm
from epochwise.desk.studies import (
    archive_study,
    clone_study,
    found_study,
    require_managed,
    restore_study,
    why_not_managed,
)
from inference.registry.promotions import promoted_bundle
from psg.rules.phrases import default_phrases
from recordings.models import IntakeRule
from studies.access import NOTHING_HERE, get_or_404, signed_in, study_for
from studies.accounts.forms import ReasonForm
from studies.models import Role, Study, User
from studies.refusals import refusals_in


def _listed(user: User) -> "QuerySet[Study]":
    """Return the studies of a person; an owner of the site sees which others there are."""
    studies = Study.objects.all() if user.is_superuser else Study.objects.of(user)
    own = Q(memberships__user=user)
    return studies.annotate(
        people=Count("memberships__user", distinct=True),
        is_own=Count("memberships", filter=own),
        is_led=Count("memberships", filter=own & Q(memberships__role=Role.LEAD)),
    ).order_by("title", "pk")


@login_required
@require_GET
def studies(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    listed = list(_listed(user))
    context = {
        "in_use": [study for study in listed if not study.archived_at],
        "archived": [study for study in listed if study.archived_at],
        "manages": user.manages_studies,
    }
    return render(request, "desk/studies.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    if not user.manages_studies:
        raise Http404(NOTHING_HERE)
    form = NewStudyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            study = found_study(by=user, **form.cleaned_data)
            messages.success(
                request,
                f"{study} was created. You are its lead. Overview lists the next steps.",
            )
            return redirect("desk:settings", slug=study.slug)
    return render(request, "desk/new_study.html", {"form": form})


@login_required
@require_http_methods(["GET", "POST"])
def clone(request: HttpRequest, slug: str) -> HttpResponse:
    source = _managed(request, slug)
    form = CloneForm(request.POST or None, source=source)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            study = clone_study(source=source, by=signed_in(request), **form.cleaned_data)
            messages.success(request, f"{study} was created with the settings of {source}.")
            return redirect("desk:settings", slug=study.slug)
    return render(request, "desk/clone.html", {"study": source, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def archive(request: HttpRequest, slug: str) -> HttpResponse:
    return _change_archive(request, slug, archive_study, "{} is archived.")


@login_required
@require_http_methods(["GET", "POST"])
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    return _change_archive(request, slug, restore_study, "{} is in use again.")


def _change_archive(
    request: HttpRequest, slug: str, change: Callable[..., object], done: str
) -> HttpResponse:
    """Ask for the reason, then archive or restore the study."""
    study = _managed(request, slug)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            change(study=study, by=signed_in(request), **form.cleaned_data)
            messages.success(request, done.format(study))
            return redirect("desk:studies")
    return render(request, "desk/archive.html", {"study": study, "form": form})


def _managed(request: HttpRequest, slug: str) -> Study:
    """Return a study that the user may clone and archive."""
    user = signed_in(request)
    studies = Study.objects.all() if user.is_superuser else Study.objects.of(user)
    study = get_or_404(studies, slug=slug)
    require_managed(study, user)
    return study


@login_required
@require_GET
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Show all settings of a study: their present values, what they change, and for whom."""
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    context = {
        "study": study,
        "default_phrases": len(default_phrases().strip().splitlines()),
        "phrases": len(study.phrases.strip().splitlines()),
        "rules": IntakeRule.objects.filter(study=study).count(),
        "released": _released(study),
        "model": promoted_bundle(study),
        "why_not_managed": why_not_managed(study, user),
    }
    return render(request, "desk/settings.html", context)


def _released(study: Study) -> list[str]:
    """Return what the terms allow to be in a release, in words."""
    allowed = {
        "stages": True,
        "rationales and comments": study.may_release_words,
        "images": study.may_release_images,
        "signals": study.may_release_signals,
    }
    return [words for words, is_allowed in allowed.items() if is_allowed]
