"""Pages of releases: all of a study, and one with what it holds, what changed and its files."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET

from annotations.models import Release
from annotations.services.release_checks import checksums_of, diff_of
from annotations.services.release_findings import open_findings
from annotations.services.releases import next_version
from annotations.views.release_found import found_release
from psg.stages import STAGES
from recordings.workers import live_workers
from studies.access import signed_in, study_for
from studies.models import Role


@login_required
@require_GET
def releases(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    return render(
        request, "annotations/releases.html", {"study": study, "releases": study.releases.all()}
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
    return render(request, "annotations/release.html", context)


@login_required
@require_GET
def progress(request: HttpRequest, release_id: int) -> HttpResponse:
    """Answer how far freezing is; when it is over the page is loaded anew."""
    _, found = found_release(request, release_id)
    answer = render(request, "annotations/_release_progress.html", {"release": found})
    if not found.is_being_frozen:
        answer["HX-Refresh"] = "true"
    return answer


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
