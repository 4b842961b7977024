"""Pages of rating studies for the research lead: watch them, read the results, unblind."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.exports.ratings import write_ratings
from annotations.models import RatingStudy
from annotations.queries.rating_results import results_of
from annotations.services.rating_studies import (
    UnblindRefusedError,
    close_rating_study,
    unblind,
)
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role

State = RatingStudy.State


@login_required
@require_GET
def rating_studies(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_for(signed_in(request), slug, Role.LEAD)
    found = study.rating_studies.annotate(
        rated=Count("items__slots", filter=Q(items__slots__rating__complete=True)),
        wanted=Count("items__slots"),
    )
    return render(
        request, "annotations/rating_studies.html", {"study": study, "rating_studies": found}
    )


# The one exception to the strict policy: plotly's bundle brings style elements of its own.
# Inline scripts and style attributes stay forbidden here too.
@csp_update({"style-src-elem": [SELF, UNSAFE_INLINE]})  # type: ignore[arg-type]
@login_required
@require_GET
def rating_results(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = _led(request, rating_study_id)
    return render(
        request,
        "annotations/rating_results.html",
        {"rating_study": rating_study, "results": results_of(rating_study)},
    )


@login_required
@require_GET
def ratings_csv(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = _led(request, rating_study_id)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="ratings-{rating_study.pk}.csv"'
    write_ratings(response, rating_study)
    return response


@login_required
@require_POST
def close(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    close_rating_study(rating_study=_led(request, rating_study_id), user=signed_in(request))
    messages.success(request, "The study is closed. No rating is lost, and none is taken any more.")
    return redirect("annotations:rating-results", rating_study_id=rating_study_id)


@login_required
@require_POST
def unblind_study(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = _led(request, rating_study_id)
    reason = request.POST.get("reason", "")
    try:
        unblind(rating_study=rating_study, user=signed_in(request), reason=reason)
    except UnblindRefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The sources are shown now; your name and reason are kept.")
    return redirect("annotations:rating-results", rating_study_id=rating_study_id)


def _led(request: HttpRequest, rating_study_id: int) -> RatingStudy:
    studies = RatingStudy.objects.led_by(signed_in(request)).exclude(state=State.DRAFT)
    return get_or_404(
        studies.select_related("study", "unblinded_by", "created_by"), pk=rating_study_id
    )
