"""Use of pre-scores: which nights to look at first, and what suggestions did to answers."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.assistance_form import BehindForm
from annotations.models import Scorer, Scoring
from annotations.models.scoring import OVERSEERS
from annotations.queries.agreement import Column, Sheet, sheet_of
from annotations.queries.agreement.doubtful import ORDERS, UNSURE_BELOW, doubtful_nights
from annotations.queries.assistance import assistance_report, reference_of
from annotations.queries.assistance.answers import SHOWN
from annotations.queries.assistance.behind import places_behind, told_of
from annotations.queries.assistance.judging import with_help
from annotations.views.assistance_rows import numbers_in, rate_rows
from studies.access import signed_in, study_for
from studies.models import Role, Study

EPOCHS_A_PAGE = 100


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
    asked = _asked(request, slug)
    report = assistance_report(asked.scorings, asked.sheet, asked.by)
    context = {
        "study": asked.study,
        "columns": asked.sheet.columns,
        "by": asked.by,
        "report": report,
        "modes": [(mode, rate_rows(mode)) for mode in report["modes"] if mode["answers"]],
    }
    return render(request, "annotations/assistance.html", context)


@login_required
@require_GET
def assistance_epochs(request: HttpRequest, slug: str) -> HttpResponse:
    """List the epochs behind one of the numbers; each opens its scoring there."""
    asked = _asked(request, slug)
    scorings = with_help(asked.scorings)
    people = sorted({scoring.scorer for scoring in scorings}, key=lambda one: one.label)
    mode = request.GET.get("mode", "")
    numbers = numbers_in(mode if mode in SHOWN else "")
    form = BehindForm(request.GET, numbers=numbers, people=people)
    wanted = form.wanted()
    places = places_behind(scorings, asked.sheet, asked.by, wanted)
    page = Paginator(places, EPOCHS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": asked.study,
        "by": asked.by,
        "form": form,
        "wanted": wanted,
        "in_words": numbers[wanted.number],
        "person": next((one for one in people if str(one.pk) == wanted.scorer), None),
        "page": page,
        "rows": told_of(list(page), scorings, asked.sheet, asked.by),
    }
    return render(request, "annotations/assistance_epochs.html", context)


@dataclass(frozen=True)
class _Asked:
    """What a lead may look at in the study, and whose stages are right."""

    study: Study
    scorings: "QuerySet[Scoring]"
    sheet: Sheet
    by: Column | None


def _asked(request: HttpRequest, slug: str) -> _Asked:
    user = signed_in(request)
    study = study_for(user, slug, Role.LEAD)
    scorings = Scoring.objects.of(user).filter(recording__study=study)
    sheet = sheet_of(scorings)
    return _Asked(study, scorings, sheet, reference_of(sheet, request.GET.get("by", "")))
