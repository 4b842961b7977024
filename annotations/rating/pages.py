"""Pages of a launched rating study: rating itself, progress, raters, results and their items."""

from collections.abc import Callable
from dataclasses import replace

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from annotations.rating.calibration import admit_rater, calibrations_of
from annotations.rating.downloads import Writable, write_items, write_ratings, write_results
from annotations.rating.drift import FEWEST, drift_of
from annotations.rating.figures import figures_of
from annotations.rating.forms import RatingItemsForm
from annotations.rating.items import ItemFilter, filter_of, items_behind
from annotations.rating.lifecycle import close_rating_study, unblind
from annotations.rating.methods import methods_text
from annotations.rating.models import RatingArm, RatingRater, RatingStudy
from annotations.rating.numbers import ScoreResult
from annotations.rating.results import Results, results_of
from annotations.rating.table import raters_of, read_ratings
from annotations.rating.words import DIMENSION_WORDS
from annotations.visibility import (
    rating_studies_led_by,
    rating_studies_rated_by,
    recordings_of_items,
    refuse_unaided_nights,
    withheld_items,
)
from studies.access import deactivated, get_or_404, signed_in, study_for
from studies.audit import record_download
from studies.models import Role
from studies.plots import with_plots


@login_required
@require_GET
@never_cache
@ensure_csrf_cookie
def rate(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    studies = rating_studies_rated_by(signed_in(request)).select_related("study")
    return render(
        request,
        "rating/rate.html",
        {
            "rating_study": get_or_404(studies, pk=rating_study_id),
            "dimensions": list(DIMENSION_WORDS.values()),
        },
    )


# Pages for the lead


@login_required
@require_GET
def rating_studies(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    studies = study.rating_studies.annotate(
        rated=Count("items__slots", filter=Q(items__slots__rating__complete=True)),
        wanted=Count("items__slots"),
    )
    return render(request, "rating/studies.html", {"study": study, "rating_studies": studies})


@login_required
@require_POST
def close(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    close_rating_study(rating_study=led(request, rating_study_id), user=signed_in(request))
    messages.success(
        request, "The study is closed. All ratings are safe; no new ratings are accepted."
    )
    return redirect("annotations:rating-results", rating_study_id=rating_study_id)


@login_required
@require_POST
def unblind_study(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led(request, rating_study_id)
    reason = request.POST.get("reason", "")
    unblind(rating_study=rating_study, user=signed_in(request), reason=reason)
    messages.success(request, "The study is unblinded. Your name and reason are stored.")
    return redirect("annotations:rating-results", rating_study_id=rating_study_id)


@login_required
@require_GET
def rating_raters(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    studies = rating_studies_led_by(signed_in(request)).select_related("study")
    rating_study = get_or_404(studies, pk=rating_study_id)
    seats = rating_study.panel.select_related("rating_study", "rater", "released_by")
    return render(
        request,
        "rating/raters.html",
        {
            "rating_study": rating_study,
            "calibrations": calibrations_of(seats),
            "raters": (raters := raters_of(rating_study)),
            "deactivated": deactivated(rater.pk for rater in raters),
            "withheld": withheld_items(rating_study, [seat.rater for seat in seats]),
            "drifts": drift_of(rating_study),
            "fewest": FEWEST,
            "has_controls": rating_study.arms.filter(kind=RatingArm.Kind.CONTROL).exists(),
        },
    )


@login_required
@require_POST
def admit(request: HttpRequest, seat_id: int) -> HttpResponse:
    user = signed_in(request)
    led = rating_studies_led_by(user)
    seat = get_or_404(RatingRater.objects.filter(rating_study__in=led), pk=seat_id)
    admit_rater(seat=seat, user=user, reason=request.POST.get("reason", ""))
    messages.success(request, f"{seat.rater} is admitted. Your name and reason are stored.")
    return redirect("annotations:rating-raters", rating_study_id=seat.rating_study_id)


WIDEST_SHOWN = 10
ITEMS_A_PAGE = 20


def led(request: HttpRequest, rating_study_id: int) -> RatingStudy:
    """Return a launched rating study of which the user leads the study, or raise 404."""
    studies = rating_studies_led_by(signed_in(request)).launched()
    return get_or_404(
        studies.select_related("study", "unblinded_by", "created_by"), pk=rating_study_id
    )


def led_and_read(request: HttpRequest, rating_study_id: int) -> RatingStudy:
    """Return a launched rating study whose texts and results the user may read, or raise 404.

    Raises
    ------
    UnaidedNightsError
    """
    rating_study = led(request, rating_study_id)
    refuse_unaided_nights(recordings_of_items(rating_study), signed_in(request))
    return rating_study


@with_plots
@login_required
@require_GET
def rating_results(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led_and_read(request, rating_study_id)
    results = results_of(rating_study)
    way = _way(results, request.GET.get("by", ""))
    figures = figures_of(results, way)
    return render(
        request,
        "rating/results.html",
        {
            "rating_study": rating_study,
            "results": results,
            "way": way,
            "rows": [_linked(row) for row in [results.overall, *results.groups(way)]],
            "figures": figures,
            "figures_json": {name: figure.as_json() for name, figure in figures.items()},
            "deactivated": deactivated(rater.pk for rater in results.table.raters),
            "widest": results.widest(WIDEST_SHOWN),
            "methods": methods_text(results) if results.facts.ratings else [],
        },
    )


def _linked(row: ScoreResult) -> tuple[ScoreResult, str, str]:
    """Return a row with the queries of its items, and of its items with "cannot judge"."""
    items = filter_of(row.group)
    return row, items.query, replace(items, cannot_judge="1").query


def _way(results: Results, chosen: str) -> str:
    """Return the name of a way to divide the items: the chosen or the first."""
    names = [way.name for way in results.ways]
    return chosen if chosen in names else names[0]


@login_required
@require_GET
def rating_items(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led_and_read(request, rating_study_id)
    table = read_ratings(rating_study)
    chosen = ItemFilter.of(request.GET.dict())
    page = Paginator(items_behind(table, chosen), ITEMS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "rating/items.html",
        {
            "rating_study": rating_study,
            "table": table,
            "filter": chosen,
            "form": RatingItemsForm(table=table, chosen=chosen),
            "page": page,
        },
    )


@login_required
@require_GET
def ratings_csv(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led_and_read(request, rating_study_id)
    return _csv(request, rating_study, "ratings", lambda file: write_ratings(file, rating_study))


@login_required
@require_GET
def items_csv(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led_and_read(request, rating_study_id)
    table = read_ratings(rating_study)
    return _csv(request, rating_study, "items", lambda file: write_items(file, table))


@login_required
@require_GET
def results_csv(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led_and_read(request, rating_study_id)
    results = results_of(rating_study)
    return _csv(request, rating_study, "results", lambda file: write_results(file, results))


def _csv(
    request: HttpRequest, rating_study: RatingStudy, what: str, write: Callable[[Writable], None]
) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"rating-study-{rating_study.pk}-{what}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    write(response)
    about = f"{what} of rating study {rating_study.title} (csv)"
    record_download(request, study=rating_study.study, about=about)
    return response
