"""Pages of agreement: of a study, a recording or a pair, and the epochs behind a number."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from annotations.agreement.doubtful import ORDERS, UNSURE_BELOW, doubtful_nights
from annotations.agreement.epochs import NO_STAGE, find_epochs, said_of
from annotations.agreement.forms import EpochsForm
from annotations.agreement.measures import PLACES
from annotations.agreement.pair import pair_report
from annotations.agreement.recording_scorings import recording_scorings as gather
from annotations.agreement.report import agreement_report
from annotations.agreement.sheet import Asked, Column, Scope, scope_for, sheet_of
from annotations.scoring.models import Scorer
from annotations.visibility import OVERSEERS, visible_scorings
from psg.stages import STAGES
from recordings.models import Recording
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role


@dataclass(frozen=True)
class MeasureRow:
    """One measure over all epochs, away from transitions and beside them."""

    name: str
    as_percent: bool
    places: list[Mapping[str, Any]]
    ceiling: float | None


@dataclass(frozen=True)
class MatrixRow:
    scorer: Mapping[str, Any]
    cells: list[tuple[Mapping[str, Any], Mapping[str, Any] | None]]
    """The other scorer, and the pair; None for the scorer beside itself."""


@dataclass(frozen=True)
class ConfusionCell:
    said: str
    count: int
    share: float | None
    """Of the epochs of the row."""


@dataclass(frozen=True)
class ConfusionRow:
    """The epochs of one stage by the reference."""

    stage: str
    total: int
    cells: list[ConfusionCell]


def measure_rows(report: Mapping[str, Any]) -> list[MeasureRow]:
    if not report["measures"]:
        return []
    human = report["human_ceiling"]
    kappa = human["kappa"]["value"]
    wanted = [
        ("agreement", "Agreement of two scorers", True, human["agreement"]["value"]),
        ("mean_pairwise_kappa", "Cohen’s kappa, mean of pairs", False, kappa),
        ("fleiss_kappa", "Fleiss’ kappa", False, kappa),
        ("krippendorff_alpha", "Krippendorff’s alpha", False, None),
        ("ac1", "Gwet’s AC1", False, None),
    ]
    return [
        MeasureRow(name, percent, [report["measures"][p][key] for p in PLACES], ceiling)
        for key, name, percent, ceiling in wanted
    ]


def stage_rows(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The stages with what experts reach, where that was published."""
    human = report["human_ceiling"]["stages"]
    return [
        {**row, "human": human[row["stage"]]["value"] if row["stage"] in human else None}
        for row in report["stages"]
    ]


def matrix_of(report: Mapping[str, Any]) -> list[MatrixRow]:
    """Every scorer against every other."""
    pairs = {frozenset(pair["keys"]): pair for pair in report["pairs"]}
    scorers = report["scorers"]
    return [
        MatrixRow(one, [(two, pairs.get(frozenset((one["key"], two["key"])))) for two in scorers])
        for one in scorers
    ]


def confusion_rows(report: Mapping[str, Any]) -> list[ConfusionRow]:
    said = [*map(str, STAGES), NO_STAGE]
    return [
        ConfusionRow(
            stage=str(stage),
            total=sum(counts),
            cells=[
                ConfusionCell(name, count, count / sum(counts) if sum(counts) else None)
                for name, count in zip(said, counts, strict=True)
            ],
        )
        for stage, counts in zip(STAGES, report["confusion"], strict=True)
    ]


# Agreement of scorings: of a recording or a study, of one pair, and the epochs behind it.


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
    template = "agreement/_scorings.html" if is_part else "agreement/scorings.html"
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
    return render(request, "agreement/agreement.html", context)


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
    return render(request, "agreement/pair.html", context)


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
    return render(request, "agreement/epochs.html", context)


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


# Use of pre-scores: which nights to look at first, and what suggestions did to answers.


@login_required
@require_GET
def doubtful(request: HttpRequest, slug: str) -> HttpResponse:
    user = signed_in(request)
    study = study_for(user, slug, *OVERSEERS)
    visible = visible_scorings(user).filter(recording__study=study)
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
    return render(request, "agreement/doubtful.html", context)
