"""Pages of the scorings of a recording: its scorings, and the night report."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from annotations.adjudication.reading import Provenance, provenance_of_consensus
from annotations.agreement.recording_scorings import RecordingScorings
from annotations.agreement.recording_scorings import recording_scorings as gather
from annotations.night.pdf import pdf_of
from annotations.night.report import report_of
from annotations.scoring.forms import AssignForm
from annotations.scoring.models import Scoring
from annotations.visibility import visible_scorings
from recordings.models import Recording
from studies.access import get_or_404, signed_in
from studies.audit import record_download
from studies.models import Role, User

EPOCHS_A_PAGE = 20


def _recording(user: User, recording_id: int) -> Recording:
    recordings = Recording.objects.of(user).select_related("study", "subject")
    return get_or_404(recordings, pk=recording_id)


@login_required
@require_GET
@ensure_csrf_cookie
def scorings(request: HttpRequest, recording_id: int) -> HttpResponse:
    """List the scorings of a recording with their statistics, and where they differ.

    htmx requests the differences alone, to show all of them.
    """
    user = signed_in(request)
    recording = _recording(user, recording_id)
    is_lead = recording.study.allows(user, [Role.LEAD])
    with_all = "all" in request.GET
    found = gather(recording, user, with_all=with_all)
    context = {
        "recording": recording,
        "scorings": found,
        "settled": _settled(found),
        "all": with_all,
        "page": Paginator(found.worst, EPOCHS_A_PAGE).get_page(request.GET.get("page")),
        "is_lead": is_lead,
        "is_adjudicator": recording.study.allows(user, [Role.ADJUDICATOR]),
        "listed": _listed(recording, user),
        "form": AssignForm(recording=recording, by=user) if is_lead else None,
    }
    is_part = "HX-Request" in request.headers
    template = "night/_differences.html" if is_part else "night/scorings.html"
    return render(request, template, context)


def _settled(found: RecordingScorings) -> list[Provenance]:
    """Return how the epochs of each consensus among the scorings were settled."""
    consensus = [entry.night.scoring.pk for entry in found.hypnograms if entry.is_consensus]
    return list(provenance_of_consensus(consensus).values()) if consensus else []


def _listed(recording: Recording, user: User) -> QuerySet[Scoring]:
    """Return all scorings that `user` may see, with their scored epochs, people first."""
    return (
        visible_scorings(user)
        .filter(recording=recording)
        .select_related("scorer__user")
        .annotate(scored=Count("scores", filter=Q(scores__stage__isnull=False)))
        .order_by("scorer__kind", "scorer__label", "pk")
    )


@login_required
@require_GET
def report(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Show the night report, which prints well."""
    user = signed_in(request)
    recording = _recording(user, recording_id)
    context = {"recording": recording, "report": report_of(recording, user)}
    return render(request, "night/report.html", context)


@login_required
@require_GET
def report_pdf(request: HttpRequest, recording_id: int) -> HttpResponse:
    """Send the night report as PDF."""
    user = signed_in(request)
    recording = _recording(user, recording_id)
    made = report_of(recording, user)
    record_download(request, study=recording.study, about=f"night report of {recording}")
    headers = {"Content-Disposition": f'attachment; filename="{made.file_name}"'}
    return HttpResponse(pdf_of(made), content_type="application/pdf", headers=headers)
