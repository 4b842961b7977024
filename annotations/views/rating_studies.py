"""Pages of rating studies for the research lead: watch them, read the results, unblind."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.services.rating.studies import (
    UnblindRefusedError,
    close_rating_study,
    unblind,
)
from annotations.views.rating_results import led
from studies.access import signed_in, study_for
from studies.models import Role


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


@login_required
@require_POST
def close(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    close_rating_study(rating_study=led(request, rating_study_id), user=signed_in(request))
    messages.success(request, "The study is closed. No rating is lost, and none is taken any more.")
    return redirect("annotations:rating-results", rating_study_id=rating_study_id)


@login_required
@require_POST
def unblind_study(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    rating_study = led(request, rating_study_id)
    reason = request.POST.get("reason", "")
    try:
        unblind(rating_study=rating_study, user=signed_in(request), reason=reason)
    except UnblindRefusedError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The sources are shown now; your name and reason are kept.")
    return redirect("annotations:rating-results", rating_study_id=rating_study_id)
