"""The page on which an owner of the site adds a model."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from inference.models import ModelAddition, ModelBundle
from inference.registry.folders import ask_to_add, known_folders
from inference.runs.reading import gpu_workers
from jobs.kinds import send_after_commit
from studies.access import site_owner

SHOWN = 10


@login_required
@require_http_methods(["GET", "POST"])
def add_model(request: HttpRequest) -> HttpResponse:
    user = site_owner(request)
    if request.method == "POST":
        with transaction.atomic():
            addition = ask_to_add(folder=request.POST.get("folder", ""), user=user)
            send_after_commit(addition)
        messages.success(request, f"{addition.folder} is being added.")
        return redirect("inference:add-model")
    additions = list(
        ModelAddition.objects.select_related("bundle__scorer", "requested_by").prefetch_related(
            "bundle__checks"
        )[:SHOWN]
    )
    folders = known_folders()
    context = {
        "folders": folders,
        "additions": additions,
        "goes_on": any(map(_goes_on, additions)),
        "has_worker": gpu_workers().total > 0,
        "root": settings.MODELS_FOLDER,
        "bundles": ModelBundle.objects.select_related("scorer"),
    }
    return render(request, "inference/add_model.html", context)


def _goes_on(addition: ModelAddition) -> bool:
    """Return whether the model is being added, or tried for the first time."""
    checks = addition.bundle.checks.all() if addition.bundle else ()
    return addition.is_live or any(check.is_live for check in checks)
