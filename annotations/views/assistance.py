"""Use of pre-scores: which nights to look at first, and what suggestions did to answers."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.models import Scorer, Scoring
from annotations.models.scoring import OVERSEERS
from annotations.queries.agreement import sheet_of
from annotations.queries.agreement.doubtful import ORDERS, UNSURE_BELOW, doubtful_nights
from annotations.queries.assistance import assistance_report, reference_of
from studies.access import signed_in, study_for
from studies.models import Role


@login_required
@require_GET
def doubtful(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, *OVERSEERS)
    visible = Scoring.objects.of(user).filter(recording__study=study)
    sheet = sheet_of(visible.exclude(scorer__kind=Scorer.Kind.CONSENSUS))
    asked = request.GET.get("order", "")
    order = asked if asked in ORDERS else ORDERS[0]
    context = {
        "study": study,
        "nights": doubtful_nights(sheet, order=order),
        "order": order,
        "unsure_below": UNSURE_BELOW,
        "scorers": [column.key for column in sheet.columns],
    }
    return render(request, "annotations/doubtful.html", context)


@login_required
@require_GET
def assistance(request: HttpRequest, slug: str) -> HttpResponse:
    """Tell leads what suggestions did; it is about single people, so nobody else sees it."""
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    scorings = Scoring.objects.of(user).filter(recording__study=study)
    sheet = sheet_of(scorings)
    by = reference_of(sheet, request.GET.get("by", ""))
    context = {
        "study": study,
        "columns": sheet.columns,
        "by": by,
        "report": assistance_report(scorings, sheet, by),
    }
    return render(request, "annotations/assistance.html", context)
