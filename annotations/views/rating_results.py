"""Results of a rating study for the research lead: the page, the items behind it, downloads."""

from collections.abc import Callable
from dataclasses import replace

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from annotations.exports.rating_results import write_items, write_results
from annotations.exports.ratings import Writable, write_ratings
from annotations.models import RatingStudy
from annotations.queries.rating.figures import figures_of
from annotations.queries.rating.items import ItemFilter, filter_of, items_behind
from annotations.queries.rating.methods import methods_text
from annotations.queries.rating.reading import read_ratings
from annotations.queries.rating.results import Results, results_of
from annotations.queries.rating.rows import ScoreRow
from annotations.rating_items_form import RatingItemsForm
from studies.access import get_or_404, signed_in

WIDEST_SHOWN = 10
ITEMS_A_PAGE = 20


def led(request: HttpRequest, rating_study_id: int) -> RatingStudy:
    """Return a launched rating study of which the user leads the study, or raise 404."""
    studies = RatingStudy.objects.led_by(signed_in(request)).launched()
    return get_or_404(
        studies.select_related("study", "unblinded_by", "created_by"), pk=rating_study_id
    )


# The one exception to the strict policy: plotly's bundle brings style elements of its own.
# Inline scripts and style attributes stay forbidden here too.
@csp_update({"style-src-elem": [SELF, UNSAFE_INLINE]})  # type: ignore[arg-type]
@login_required
@require_GET
def rating_results(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led(request, rating_study_id)
    results = results_of(rating_study)
    way = _way(results, request.GET.get("by", ""))
    return render(
        request,
        "annotations/rating_results.html",
        {
            "rating_study": rating_study,
            "results": results,
            "way": way,
            "rows": [_linked(row) for row in [results.overall, *results.groups(way)]],
            "figures": figures_of(results, way),
            "widest": results.widest(WIDEST_SHOWN),
            "methods": methods_text(results) if results.facts.ratings else [],
        },
    )


def _linked(row: ScoreRow) -> tuple[ScoreRow, str, str]:
    """Return a row with what asks for its items, and for those somebody could not judge."""
    items = filter_of(row.group)
    return row, items.query, replace(items, cannot_judge="1").query


def _way(results: Results, asked: str) -> str:
    """Return how the page divides the items: as asked, else the first way there is."""
    names = [way.name for way in results.ways]
    return asked if asked in names else names[0]


@login_required
@require_GET
def rating_items(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led(request, rating_study_id)
    table = read_ratings(rating_study)
    asked = ItemFilter.of(request.GET.dict())
    page = Paginator(items_behind(table, asked), ITEMS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "annotations/rating_items.html",
        {
            "rating_study": rating_study,
            "table": table,
            "asked": asked,
            "form": RatingItemsForm(table=table, asked=asked),
            "page": page,
        },
    )


@login_required
@require_GET
def ratings_csv(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led(request, rating_study_id)
    return _csv(rating_study, "ratings", lambda file: write_ratings(file, rating_study))


@login_required
@require_GET
def items_csv(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led(request, rating_study_id)
    table = read_ratings(rating_study)
    return _csv(rating_study, "items", lambda file: write_items(file, table))


@login_required
@require_GET
def results_csv(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led(request, rating_study_id)
    results = results_of(rating_study)
    return _csv(rating_study, "results", lambda file: write_results(file, results))


def _csv(rating_study: RatingStudy, what: str, write: Callable[[Writable], None]) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"rating-study-{rating_study.pk}-{what}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    write(response)
    return response
