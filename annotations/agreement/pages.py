"""Pages of agreement: of a study, a recording or a pair, and the epochs behind a number."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from annotations.agreement.doubtful import ORDERS, UNSURE_BELOW, doubtful_nights
from annotations.agreement.epochs import NO_STAGE, answers_at, find_epochs
from annotations.agreement.forms import EpochsForm
from annotations.agreement.models import AgreementWork
from annotations.agreement.pair import PairReport
from annotations.agreement.plots import (
    confusion_rows,
    kappas_by_night,
    kappas_with_reference,
)
from annotations.agreement.report import AgreementReport
from annotations.agreement.results import Pair, wanted_pair, wanted_report
from annotations.agreement.scope import Scope, Selection, scope_for
from annotations.agreement.sheet import Column, sheet_of
from annotations.agreement.tables import matrix_of, measure_rows, sleep_rows, stage_rows
from annotations.agreement.work import found_or_awaited, start_again
from annotations.scoring.models import Scorer
from annotations.visibility import OVERSEERS, visible_scorings
from jobs.pages import progress_answer
from jobs.workers import DEFAULT_QUEUE, live_workers
from psg.stages import STAGES
from studies.access import get_or_404, signed_in, study_for
from studies.plots import with_plots

NIGHTS_A_PAGE = 50
PAIRS_A_PAGE = 20
EPOCHS_A_PAGE = 100
GIVEN = [*map(str, STAGES), NO_STAGE]
"""What the tested scorer gives to an epoch of the reference."""
EPOCHS_A_PAGE_WITH_WORDS = 20


@with_plots
@login_required
@require_GET
def agreement(request: HttpRequest, **where: Any) -> HttpResponse:
    chosen = _selection(request, where)
    kept = _kept(request, chosen)
    report = found_or_awaited(wanted_report(chosen), signed_in(request))
    if isinstance(report, AgreementWork):
        return _awaited(request, chosen, report)
    pairs = Paginator(report.sleep_statistics, PAIRS_A_PAGE)
    sleep = pairs.get_page(request.GET.get("pairs"))
    context = {
        **_context(chosen),
        "report": report,
        "measures": measure_rows(report),
        "stages": stage_rows(report),
        "matrix": matrix_of(report, _without_scorers(kept)),
        "confusion": confusion_rows(report.confusion),
        "kept": kept,
        "page": _page(request, report.by_recording),
        "sleep": sleep,
        "sleep_rows": sleep_rows(sleep),
    }
    return render(request, "agreement/agreement.html", context)


@with_plots
@login_required
@require_GET
def pair(request: HttpRequest, **where: Any) -> HttpResponse:
    """Compare a scorer with a reference; without both the page lets the user choose them."""
    chosen = _selection(request, where)
    columns = _pair(request, chosen)
    kept = _kept(request, chosen, columns)
    user = signed_in(request)
    report = found_or_awaited(wanted_pair(chosen, columns), user) if columns else None
    if isinstance(report, AgreementWork):
        return _awaited(request, chosen, report, columns)
    comparison = report.comparison if report else None
    context = {
        **_context(chosen),
        "pair": columns,
        "report": report,
        "comparison": comparison,
        "confusion": confusion_rows(comparison.confusion, GIVEN) if comparison else [],
        "kept": kept,
        "page": _page(request, comparison.by_recording if comparison else ()),
    }
    return render(request, "agreement/pair.html", context)


@login_required
@require_GET
def plot(request: HttpRequest, slug: str) -> HttpResponse:
    """Show kappa of each recording, as a part of the page of a study or of a pair."""
    chosen = _selection(request, {"slug": slug})
    columns = _pair(request, chosen)
    query = _kept(request, chosen, columns).urlencode()
    wanted = wanted_pair(chosen, columns) if columns else wanted_report(chosen)
    found: AgreementReport | PairReport | AgreementWork
    found = found_or_awaited(wanted, signed_in(request))
    match found:
        case AgreementWork():  # scorings have changed, and the page tells how far the work is
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        case PairReport():
            drawn = kappas_with_reference(found, query)
        case AgreementReport():
            drawn = kappas_by_night(found, query)
    return render(request, "components/plot.html", {"name": "by-night", "plot": drawn})


@login_required
@require_http_methods(["GET", "POST"])
def work(request: HttpRequest, slug: str, work_id: int) -> HttpResponse:
    """Show how far the computation of a report is; POST starts it again after its end.

    People who see the same scorings share it. It counts recordings and shows no scoring.
    """
    user = signed_in(request)
    study = study_for(user, slug, *OVERSEERS)
    computed = get_or_404(AgreementWork.objects.filter(study=study), pk=work_id)
    if request.method == "POST":
        start_again(work=computed, user=user)
        return redirect(_page_of(computed))
    return progress_answer(request, computed)


def _page_of(work: AgreementWork) -> str:
    """Return the address of the page that shows the result."""
    query = QueryDict(mutable=True)
    query.setlist("scorer", work.choice["scorers"])
    if work.choice["with_open"]:
        query["open"] = "on"
    if pair := work.choice["pair"]:
        query["a"], query["b"] = pair
    page = reverse(f"annotations:study-{'pair' if pair else 'agreement'}", args=[work.study.slug])
    return f"{page}?{query.urlencode()}" if query else page


def _awaited(
    request: HttpRequest, chosen: Selection, work: AgreementWork, pair: Pair | None = None
) -> HttpResponse:
    """Show the page of a report while a worker computes it."""
    workers = live_workers(DEFAULT_QUEUE)
    context = {**_context(chosen), "work": work, "pair": pair, "workers": workers}
    return render(request, "agreement/awaited.html", context)


@login_required
@require_GET
def epochs(request: HttpRequest, **where: Any) -> HttpResponse:
    """List the epochs behind a number; every stage opens its scoring there."""
    chosen = _selection(request, where)
    columns = _pair(request, chosen)
    form = EpochsForm(request.GET)
    form.is_valid()  # drops fields that are not valid from cleaned_data
    sheet = chosen.sheet.only(columns or chosen.compared)
    listed = find_epochs(sheet, form.wanted(is_pair=columns is not None))
    with_words = form.cleaned_data.get("words", False)
    pages = Paginator(listed, EPOCHS_A_PAGE_WITH_WORDS if with_words else EPOCHS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    answers = answers_at(sheet, list(page), with_words=with_words)
    context = {
        **_context(chosen),
        "pair": columns,
        "form": form,
        "of_columns": sheet.columns,
        "page": page,
        "rows": list(zip(page, answers, strict=True)),
        "with_words": with_words,
        "in_words": form.in_words(columns),
    }
    return render(request, "agreement/epochs.html", context)


def _selection(request: HttpRequest, where: Mapping[str, Any]) -> Selection:
    scope = scope_for(signed_in(request), **where)
    return scope.select(scorers=request.GET.getlist("scorer"), with_open="open" in request.GET)


def _pair(request: HttpRequest, chosen: Selection) -> tuple[Column, Column] | None:
    return chosen.pair(request.GET.get("a", ""), request.GET.get("b", ""))


def _kept(
    request: HttpRequest, chosen: Selection, pair: tuple[Column, Column] | None = None
) -> QueryDict:
    """Return what links of the page carry on: the chosen scorers and nothing else."""
    kept = QueryDict(mutable=True)
    known = {column.key for column in chosen.outline.columns}
    if scorers := [key for key in dict.fromkeys(request.GET.getlist("scorer")) if key in known]:
        kept.setlist("scorer", scorers)
    if chosen.with_open:
        kept["open"] = "on"
    if pair:
        kept["a"], kept["b"] = (column.key for column in pair)
    return kept


def _without_scorers(kept: QueryDict) -> str:
    """Return what the link to a pair carries on; the pair takes the place of the scorers."""
    query = kept.copy()
    query.pop("scorer", None)
    return query.urlencode()


def _page(request: HttpRequest, nights: Sequence[object]) -> Page[object]:
    return Paginator(nights, NIGHTS_A_PAGE).get_page(request.GET.get("page"))


def _context(chosen: Selection) -> dict[str, object]:
    """Return what every page of agreement shows around its numbers."""
    scope = chosen.scope
    return {
        "frame": "recordings/page.html" if scope.recording else "studies/shell.html",
        "study": scope.study,
        "recording": scope.recording,
        "outline": chosen.outline,
        "compared": chosen.compared,
        "with_open": chosen.with_open,
        "report_url": _url(scope, "agreement"),
        "pair_url": _url(scope, "pair"),
        "epochs_url": _url(scope, "epochs"),
        "json_url": _url(scope, "agreement", prefix="api-"),
    }


def _url(scope: Scope, page: str, *, prefix: str = "") -> str:
    """Return the address of a page that exists for studies and for recordings."""
    if scope.recording is None:
        return reverse(f"annotations:{prefix}study-{page}", args=[scope.study.slug])
    return reverse(f"annotations:{prefix}recording-{page}", args=[scope.recording.pk])


@login_required
@require_GET
def doubtful(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, *OVERSEERS)
    visible = visible_scorings(user).filter(recording__study=study)
    sheet = sheet_of(visible.exclude(scorer__kind=Scorer.Kind.CONSENSUS))
    order = request.GET.get("order", "")
    order = order if order in ORDERS else ORDERS[0]
    context = {
        "study": study,
        "nights": doubtful_nights(sheet, order=order),
        "order": order,
        "unsure_below": UNSURE_BELOW,
        "scorers": [column.key for column in sheet.columns],
    }
    return render(request, "agreement/doubtful.html", context)
