"""Pages of releases: the list of a study, a release, drafts, freezing and withdrawing."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotations.releases.composition import Composition
from annotations.releases.draft_rows import read_draft_rows
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
from annotations.releases.planning import ReleasePreview, preview_of
from annotations.releases.sharing import people_to_allow
from annotations.releases.verifying import (
    ReleaseDiff,
    checksums_of,
    diff_of,
    erasures_of,
    manifest_of,
    refuse_closed_release,
)
from jobs.kinds import send_after_commit
from jobs.pages import progress_answer
from jobs.workers import live_workers
from psg.stages import STAGES
from studies.access import get_or_404, signed_in, study_for
from studies.audit import record_changes
from studies.models import Act, Role, User
from studies.refusals import refusals_in


def visible_release(request: HttpRequest, release_id: int) -> tuple[User, Release]:
    """Return the user and the release; 404 for releases that the user may not see."""
    user = signed_in(request)
    mine = Release.objects.of(user).select_related("study")
    return user, get_or_404(mine, pk=release_id)


@login_required
@require_GET
def releases(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    return render(
        request, "releases/releases.html", {"study": study, "releases": study.releases.all()}
    )


@login_required
@require_GET
def release_page(request: HttpRequest, release_id: int) -> HttpResponse:
    user, release = visible_release(request, release_id)
    refuse_closed_release(release, user)
    preview = preview_of(release)
    context: dict[str, object] = {
        "study": release.study,
        "release": release,
        "preview": preview,
        "counts": part_rows(preview),
        "rules": sorted(preview.counts.rules.items()),
        "next_version": next_version(release.study),
        "findings": release.findings.count(),
        "open_findings": open_findings(release),
        "workers": live_workers("default"),
        "events": release.events.select_related("user"),
        "erasures": erasures_of(release),
        "accesses": release.accesses.select_related("person", "allowed_by"),
        "people": people_to_allow(release) if release.state == Release.State.FROZEN else [],
    }
    if release.is_frozen and not release.rewrite_due:
        context |= {
            "files": checksums_of(release),
            "training": _training(release),
            "comparison": _comparison(request, release),
        }
    return render(request, "releases/release.html", context)


@login_required
@require_GET
def progress(request: HttpRequest, release_id: int) -> HttpResponse:
    _, release = visible_release(request, release_id)
    return progress_answer(request, release)


@dataclass(frozen=True)
class PartRow:
    """A part of the split in the table of a release."""

    part: str
    subjects: int
    stages: list[int]
    epochs: int


def part_rows(preview: ReleasePreview) -> list[PartRow]:
    return [
        PartRow(
            part=part,
            subjects=preview.subjects.get(part, 0),
            stages=[stages[stage.value] for stage in STAGES],
            epochs=sum(stages.values()),
        )
        for part, stages in sorted(preview.counts.stages.items())
    ]


def _training(release: Release) -> object:
    """Return how to train a model on the release; None where that is not allowed."""
    if release.state == Release.State.WITHDRAWN or not release.study.may_train_models:
        return None
    recipe: object = import_string(settings.RELEASE_TRAINING)(
        stem=release.file_name.removesuffix(".zip"), manifest=manifest_of(release)
    )
    return recipe


@dataclass(frozen=True)
class _Comparison:
    """Other frozen releases of the study, and the difference from the requested version."""

    others: list[Release]
    against: Release | None
    diff: ReleaseDiff | None


def _comparison(request: HttpRequest, release: Release) -> _Comparison:
    rest = release.study.releases.exclude(pk=release.pk)
    others = [r for r in rest if r.is_frozen and not r.rewrite_due]
    against = next((r for r in others if r.version == request.GET.get("against")), None)
    if against:
        refuse_closed_release(against, signed_in(request))
    return _Comparison(others, against, diff_of(old=against, new=release) if against else None)


# Pages of drafts: the release terms of a study, and making, changing and deleting a draft.


@login_required
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    form = TermsForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            record_changes(Act.TERMS_CHANGED, form, user=signed_in(request), study=study)
            form.save()
        messages.success(request, "Terms saved. They apply to new releases.")
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
    """Change a draft; sent unchanged, its preview is updated."""
    user, release = visible_release(request, release_id)
    initial = initial_of(release.title, Composition.from_json(release.composition))
    form = ReleaseForm(request.POST or None, study=release.study, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            change_release(
                release=release,
                title=form.cleaned_data["title"],
                composition=form.composition(),
                user=user,
            )
            return redirect("annotations:release", release_id=release.pk)
    return render(
        request,
        "releases/compose.html",
        {"study": release.study, "form": form, "release": release},
    )


@login_required
@require_GET
def rows(request: HttpRequest, release_id: int) -> HttpResponse:
    """Show what a draft would release, a page at a time."""
    user, release = visible_release(request, release_id)
    refuse_closed_release(release, user)
    if not release.is_draft:
        return redirect("annotations:release", release_id=release.pk)
    draft = read_draft_rows(release, page=request.GET.get("page"))
    context = {"study": release.study, "release": release, "draft": draft}
    return render(request, "releases/rows.html", context)


@login_required
@require_POST
def discard(request: HttpRequest, release_id: int) -> HttpResponse:
    _, release = visible_release(request, release_id)
    discard_draft_release(release=release)
    messages.success(request, "The draft is deleted.")
    return redirect("annotations:releases", slug=release.study.slug)


# Freezing and withdrawing.


@login_required
@require_POST
def freeze(request: HttpRequest, release_id: int) -> HttpResponse:
    user, release = visible_release(request, release_id)
    with transaction.atomic():
        ask_to_freeze(
            release=release,
            version=request.POST.get("version", "").strip(),
            seen_sha256=request.POST.get("seen", ""),
            user=user,
        )
        send_after_commit(release)
    return redirect("annotations:release", release_id=release.pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, release_id: int) -> HttpResponse:
    user, release = visible_release(request, release_id)
    withdraw_release(release=release, reason=request.POST.get("reason", ""), user=user)
    messages.success(request, f"{release} is withdrawn. Its file is unchanged.")
    return redirect("annotations:release", release_id=release.pk)
