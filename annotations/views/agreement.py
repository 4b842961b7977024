"""Agreement of scorings: of a recording or a study, of one pair, and the epochs behind it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotations.agreement_forms import EpochsForm
from annotations.queries.agreement import Column, agreement_report, pair_report
from annotations.queries.agreement.epochs import find_epochs, said_of
from annotations.queries.agreement.scopes import Asked, Scope, scope_for
from annotations.queries.recording_scorings import recording_scorings as gather
from annotations.views.agreement_rows import confusion_rows, matrix_of, measure_rows, stage_rows
from recordings.models import Recording
from studies.access import get_or_404, signed_in
from studies.models import Role

EPOCHS_A_PAGE = 100
EPOCHS_A_PAGE_WITH_WORDS = 20


@login_required
@require_GET
def recording_scorings(request: HttpRequest, recording_id: int) -> HttpResponse:
    """The scorings beside one another: a page, or a part of the recording's page."""
    user = signed_in(request)
    recordings = Recording.objects.of(user).select_related("study", "subject")
    recording = get_or_404(recordings, pk=recording_id)
    is_part = "HX-Request" in request.headers
    template = "annotations/_scorings.html" if is_part else "annotations/scorings.html"
    context = {
        "recording": recording,
        "found": gather(recording, user, with_all="all" in request.GET),
        "is_adjudicator": recording.study.allows(user, [Role.ADJUDICATOR]),
    }
    return render(request, template, context)


@login_required
@require_GET
def agreement(request: HttpRequest, **where: Any) -> HttpResponse:
    asked = _asked(request, where)
    report = agreement_report(asked.sheet, asked.compared)
    context = {
        **_context(asked),
        "report": report,
        "measures": measure_rows(report),
        "stages": stage_rows(report),
        "matrix": matrix_of(report),
    }
    return render(request, "annotations/agreement.html", context)


@login_required
@require_GET
def pair(request: HttpRequest, **where: Any) -> HttpResponse:
    """Compare one scorer with another; without two named, ask for them."""
    asked = _asked(request, where)
    two = _pair(request, asked)
    report = pair_report(asked.sheet, *two) if two else None
    context = {
        **_context(asked),
        "pair": two,
        "report": report,
        "confusion": confusion_rows(report) if report and report["recordings"] else [],
    }
    return render(request, "annotations/agreement_pair.html", context)


@login_required
@require_GET
def epochs(request: HttpRequest, **where: Any) -> HttpResponse:
    """List the epochs behind a number; every stage opens its scoring there."""
    asked = _asked(request, where)
    two = _pair(request, asked)
    form = EpochsForm(request.GET)
    form.is_valid()  # what cannot be read is left out
    sheet = asked.sheet.only(two or asked.compared)
    found = find_epochs(sheet, form.wanted(is_pair=two is not None))
    with_words = form.cleaned_data.get("words", False)
    pages = Paginator(found, EPOCHS_A_PAGE_WITH_WORDS if with_words else EPOCHS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    said = said_of(sheet, list(page), with_words=with_words)
    context = {
        **_context(asked),
        "pair": two,
        "form": form,
        "of_columns": sheet.columns,
        "page": page,
        "rows": list(zip(page, said, strict=True)),
        "with_words": with_words,
        "in_words": form.in_words(two),
    }
    return render(request, "annotations/agreement_epochs.html", context)


def _asked(request: HttpRequest, where: dict[str, Any]) -> Asked:
    scope = scope_for(signed_in(request), **where)
    return scope.asked(scorers=request.GET.getlist("scorer"), with_open="open" in request.GET)


def _pair(request: HttpRequest, asked: Asked) -> tuple[Column, Column] | None:
    return asked.pair(request.GET.get("a", ""), request.GET.get("b", ""))


def _context(asked: Asked) -> dict[str, Any]:
    """What every page of agreement shows around its numbers."""
    scope = asked.scope
    return {
        "study": scope.study,
        "recording": scope.recording,
        "sheet": asked.sheet,
        "compared": asked.compared,
        "with_open": asked.with_open,
        "report_url": _url(scope, "agreement"),
        "pair_url": _url(scope, "pair"),
        "epochs_url": _url(scope, "epochs"),
        "json_url": _url(scope, "agreement", prefix="api-"),
    }


def _url(scope: Scope, page: str, *, prefix: str = "") -> str:
    """Address of a page that exists for studies and for recordings."""
    if scope.recording is None:
        return reverse(f"annotations:{prefix}study-{page}", args=[scope.study.slug])
    return reverse(f"annotations:{prefix}recording-{page}", args=[scope.recording.pk])
