"""Pages of the findings in the free text of a draft."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from annotations.releases.findings import list_findings
from annotations.releases.models import Release
from annotations.releases.pages import visible_release
from annotations.releases.review import correct_words, mark_harmless, take_back
from annotations.releases.verifying import refuse_closed_release
from studies.access import get_or_404
from studies.models import User

FINDINGS_A_PAGE = 50


@login_required
@require_GET
def findings(request: HttpRequest, release_id: int) -> HttpResponse:
    """List the open findings, or those marked as harmless, by kind and words."""
    _, draft = _readable(request, release_id)
    done = "done" in request.GET
    listed = list_findings(draft, done=done)
    page = Paginator(listed, FINDINGS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": draft.study,
        "release": draft,
        "page": page,
        "done": done,
        "waiting": draft.findings.open().count(),
        "harmless": draft.findings.harmless().count(),
    }
    return render(request, "releases/findings.html", context)


@login_required
@require_POST
def harmless(request: HttpRequest, release_id: int) -> HttpResponse:
    """Mark a single finding, all that were ticked, or all with the same words."""
    user, draft = _readable(request, release_id)
    form = request.POST
    if words := form.get("words"):
        chosen = [*draft.findings.filter(words=words).values_list("pk", flat=True)]
    else:
        named = [form["only"]] if "only" in form else form.getlist("finding")
        chosen = [int(pk) for pk in named if pk.isdecimal()]
    count = mark_harmless(release=draft, findings=chosen, user=user)
    messages.success(request, f"{count} marked as harmless.")
    return _back(request, draft)


@login_required
@require_POST
def correct(request: HttpRequest, release_id: int, finding_id: int) -> HttpResponse:
    user, draft = _readable(request, release_id)
    finding = get_or_404(draft.findings.all(), pk=finding_id)
    text = request.POST.get("text", "").strip().replace("\r\n", "\n")
    count = correct_words(release=draft, finding=finding, text=text, user=user)
    messages.success(request, f"Corrected in {count} scoring{'s' * (count != 1)}.")
    return _back(request, draft)


@login_required
@require_POST
def wait(request: HttpRequest, release_id: int, finding_id: int) -> HttpResponse:
    """Open a finding again that was marked as harmless."""
    user, draft = _readable(request, release_id)
    finding = get_or_404(draft.findings.all(), pk=finding_id)
    take_back(release=draft, finding=finding, user=user)
    return _back(request, draft, done="")


def _readable(request: HttpRequest, release_id: int) -> tuple[User, Release]:
    """Return the user and the release, unless its texts would help the user's blind scoring."""
    user, release = visible_release(request, release_id)
    refuse_closed_release(release, user)
    return user, release


def _back(request: HttpRequest, release: Release, **where: str) -> HttpResponse:
    page = {"page": request.POST["page"]} if "page" in request.POST else {}
    query = urlencode({**page, **where})
    address = reverse("annotations:release-findings", args=[release.pk])
    return redirect(f"{address}?{query}" if query else address)
