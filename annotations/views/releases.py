"""Pages of releases: compose, look, freeze, compare, take away, withdraw."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotations.models import Release, ReleaseEvent
from annotations.queries.blind_nights import BlindNightsError, refuse_blind
from annotations.release_forms import ReleaseForm, TermsForm, initial_of
from annotations.releases.composition import Composition
from annotations.services.release_checks import (
    checksums_of,
    diff_of,
    refuse_forbidden,
    stored_file,
)
from annotations.services.releases import (
    ReleaseRefusedError,
    ask_to_freeze,
    change_release,
    create_release,
    discard_draft_release,
    next_version,
    note,
    withdraw_release,
)
from annotations.tasks import send_freeze
from psg.stages import STAGES
from recordings.models import Recording
from recordings.workers import live_workers
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role, User


@login_required
@require_GET
def releases(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    return render(
        request, "annotations/releases.html", {"study": study, "releases": study.releases.all()}
    )


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
def compose(request: HttpRequest, release_id: int) -> HttpResponse:
    """Change a draft; sent as it is, it is looked through again."""
    user, found = _found(request, release_id)
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
@require_GET
def release(request: HttpRequest, release_id: int) -> HttpResponse:
    _, found = _found(request, release_id)
    context: dict[str, Any] = {
        "study": found.study,
        "release": found,
        "preview": found.preview,
        "counts": _count_rows(found),
        "rules": sorted(found.preview["counts"]["rules"].items()),
        "next_version": next_version(found.study),
        "workers": live_workers("default"),
        "events": found.events.select_related("user"),
    }
    if found.is_frozen:
        context |= {"files": checksums_of(found), **_comparison(request, found)}
    return render(request, "annotations/release.html", context)


@login_required
@require_GET
def progress(request: HttpRequest, release_id: int) -> HttpResponse:
    """Answer how far freezing is; when it is over the page is loaded anew."""
    _, found = _found(request, release_id)
    answer = render(request, "annotations/_release_progress.html", {"release": found})
    if not found.is_being_frozen:
        answer["HX-Refresh"] = "true"
    return answer


@login_required
@require_POST
def freeze(request: HttpRequest, release_id: int) -> HttpResponse:
    user, found = _found(request, release_id)
    try:
        with transaction.atomic():
            ask_to_freeze(
                release=found,
                version=request.POST.get("version", "").strip(),
                seen_sha256=request.POST.get("seen", ""),
                user=user,
            )
            transaction.on_commit(partial(send_freeze, found.pk))
    except ReleaseRefusedError as refused:
        messages.error(request, str(refused))
    return redirect("annotations:release", release_id=found.pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, release_id: int) -> HttpResponse:
    user, found = _found(request, release_id)
    try:
        withdraw_release(release=found, reason=request.POST.get("reason", ""), user=user)
        messages.success(request, f"{found} is withdrawn. Its file stays as it was.")
    except ReleaseRefusedError as refused:
        messages.error(request, str(refused))
    return redirect("annotations:release", release_id=found.pk)


@login_required
@require_POST
def discard(request: HttpRequest, release_id: int) -> HttpResponse:
    _, found = _found(request, release_id)
    try:
        discard_draft_release(release=found)
    except ReleaseRefusedError as refused:
        messages.error(request, str(refused))
        return redirect("annotations:release", release_id=release_id)
    messages.success(request, "The draft is gone.")
    return redirect("annotations:releases", slug=found.study.slug)


@login_required
@require_GET
def download(request: HttpRequest, release_id: int) -> FileResponse:
    user, found = _found(request, release_id)
    if not found.is_frozen:
        raise Http404("This release is not frozen.")
    nights = {night["recording"] for night in (found.manifest or {})["nights"]}
    recordings = Recording.objects.filter(study=found.study, name__in=nights)
    try:
        refuse_blind(recordings.values_list("pk", flat=True), user)
        refuse_forbidden(found)
    except (BlindNightsError, ReleaseRefusedError) as refused:
        raise PermissionDenied(str(refused)) from refused
    note(found, ReleaseEvent.Kind.DOWNLOADED, user)
    return FileResponse(
        stored_file(found),
        as_attachment=True,
        filename=found.file_name,
        content_type="application/zip",
    )


def _found(request: HttpRequest, release_id: int) -> tuple[User, Release]:
    user = signed_in(request)
    mine = Release.objects.of(user).select_related("study")
    return user, get_or_404(mine, pk=release_id)


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


def _comparison(request: HttpRequest, found: Release) -> dict[str, Any]:
    """Return the other frozen releases, and what changed since the one that is asked for."""
    others = [r for r in found.study.releases.exclude(pk=found.pk) if r.is_frozen]
    against = next((r for r in others if r.version == request.GET.get("against")), None)
    return {
        "others": others,
        "against": against,
        "diff": diff_of(old=against, new=found) if against else None,
    }
