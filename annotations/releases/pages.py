"""Pages of releases: all of a study, one of them, drafts, freezing and withdrawing."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotations.releases.composition import Composition
from annotations.releases.findings import open_findings
from annotations.releases.forms import ReleaseForm, TermsForm, initial_of
from annotations.releases.lifecycle import (
    ask_to_freeze,
    change_release,
    create_release,
    discard_draft_release,
    next_version,
    withdraw_release,
)
from annotations.releases.models import Release
from annotations.releases.verifying import checksums_of, diff_of
from jobs.kinds import send_after_commit
from jobs.pages import progress_answer
from jobs.workers import live_workers
from psg.stages import STAGES
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role, User
from studies.refusals import refusals_in


def found_release(request: HttpRequest, release_id: int) -> tuple[User, Release]:
    user = signed_in(request)
    mine = Release.objects.of(user).select_related("study")
    return user, get_or_404(mine, pk=release_id)


# Pages of releases: all of a study, and one with what it holds, what changed and its files.


@login_required
@require_GET
def releases(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    return render(
        request, "releases/releases.html", {"study": study, "releases": study.releases.all()}
    )


@login_required
@require_GET
def release(request: HttpRequest, release_id: int) -> HttpResponse:
    _, found = found_release(request, release_id)
    context: dict[str, Any] = {
        "study": found.study,
        "release": found,
        "preview": found.preview,
        "counts": _count_rows(found),
        "rules": sorted(found.preview["counts"]["rules"].items()),
        "next_version": next_version(found.study),
        "findings": found.findings.count(),
        "open_findings": open_findings(found),
        "workers": live_workers("default"),
        "events": found.events.select_related("user"),
    }
    if found.is_frozen:
        context |= {
            "files": checksums_of(found),
            "training": _training(found),
            **_comparison(request, found),
        }
    return render(request, "releases/release.html", context)


@login_required
@require_GET
def progress(request: HttpRequest, release_id: int) -> HttpResponse:
    _, found = found_release(request, release_id)
    return progress_answer(request, found)


def _count_rows(found: Release) -> list[tuple[str, int, list[int], int]]:
    """Return part, subjects, epochs by stage and epochs, part by part."""
    stages = found.preview["counts"]["stages"]
    return [
        (
            part,
            found.preview["subjects"].get(part, 0),
            [stages[part][stage.value] for stage in STAGES],
            sum(stages[part].values()),
        )
        for part in sorted(stages)
    ]


def _training(found: Release) -> dict[str, Any]:
    """Return how to train on it; nothing where its study does not allow that, or took it back."""
    if found.state == Release.State.WITHDRAWN or not found.study.may_train_models:
        return {}
    recipe: dict[str, Any] = import_string(settings.RELEASE_TRAINING)(
        stem=found.file_name.removesuffix(".zip"), manifest=found.manifest
    )
    return recipe


def _comparison(request: HttpRequest, found: Release) -> dict[str, Any]:
    """Return the other frozen releases, and what changed since the one that is asked for."""
    others = [r for r in found.study.releases.exclude(pk=found.pk) if r.is_frozen]
    against = next((r for r in others if r.version == request.GET.get("against")), None)
    return {
        "others": others,
        "against": against,
        "diff": diff_of(old=against, new=found) if against else None,
    }


# Pages of drafts: the terms of a study, a composition, its change, and letting it go.


@login_required
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    form = TermsForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "The terms hold for what is frozen from now on.")
        return redirect("annotations:releases", slug=study.slug)
    return render(request, "releases/terms.html", {"study": study, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def new_release(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    form = ReleaseForm(request.POST or None, study=study, initial={"title": study.title})
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = create_release(
                study=study,
                title=form.cleaned_data["title"],
                composition=form.composition(),
                user=user,
            )
            return redirect("annotations:release", release_id=made.pk)
    return render(request, "releases/compose.html", {"study": study, "form": form})


@login_required
@require_http_methods(["GET", "POST"])
def compose(request: HttpRequest, release_id: int) -> HttpResponse:
    """Change a draft; sent as it is, it is looked through again."""
    user, found = found_release(request, release_id)
    initial = initial_of(found.title, Composition.from_json(found.composition))
    form = ReleaseForm(request.POST or None, study=found.study, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            change_release(
                release=found,
                title=form.cleaned_data["title"],
                composition=form.composition(),
                user=user,
            )
            return redirect("annotations:release", release_id=found.pk)
    return render(
        request,
        "releases/compose.html",
        {"study": found.study, "form": form, "release": found},
    )


@login_required
@require_POST
def discard(request: HttpRequest, release_id: int) -> HttpResponse:
    _, found = found_release(request, release_id)
    discard_draft_release(release=found)
    messages.success(request, "The draft is gone.")
    return redirect("annotations:releases", slug=found.study.slug)


# Acts on a release as a whole: freeze it, withdraw it.


@login_required
@require_POST
def freeze(request: HttpRequest, release_id: int) -> HttpResponse:
    user, found = found_release(request, release_id)
    with transaction.atomic():
        ask_to_freeze(
            release=found,
            version=request.POST.get("version", "").strip(),
            seen_sha256=request.POST.get("seen", ""),
            user=user,
        )
        send_after_commit(found)
    return redirect("annotations:release", release_id=found.pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, release_id: int) -> HttpResponse:
    user, found = found_release(request, release_id)
    withdraw_release(release=found, reason=request.POST.get("reason", ""), user=user)
    messages.success(request, f"{found} is withdrawn. Its file stays as it was.")
    return redirect("annotations:release", release_id=found.pk)
