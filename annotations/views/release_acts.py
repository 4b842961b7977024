"""Acts on a release as a whole: freeze it, withdraw it."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from annotations.services.releases import ReleaseRefusedError, ask_to_freeze, withdraw_release
from annotations.tasks import send_freeze
from annotations.views.release_found import found_release


@login_required
@require_POST
def freeze(request: HttpRequest, release_id: int) -> HttpResponse:
    user, found = found_release(request, release_id)
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
    user, found = found_release(request, release_id)
    try:
        withdraw_release(release=found, reason=request.POST.get("reason", ""), user=user)
        messages.success(request, f"{found} is withdrawn. Its file stays as it was.")
    except ReleaseRefusedError as refused:
        messages.error(request, str(refused))
    return redirect("annotations:release", release_id=found.pk)
