"""The raters of a study, for its lead: who passed the calibration round, who waits, who drifts."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotations.models import RatingRater, RatingStudy
from annotations.queries.rating.calibration import calibrations_of
from annotations.queries.rating.drift import FEWEST, drift_of
from annotations.services.rating.calibration import ReleaseRefusedError, release_rater
from studies.access import get_or_404, signed_in


@login_required
@require_GET
def rating_raters(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    studies = RatingStudy.objects.led_by(signed_in(request)).select_related("study")
    rating_study = get_or_404(studies, pk=rating_study_id)
    seats = rating_study.panel.select_related("rating_study", "rater", "released_by")
    return render(
        request,
        "annotations/rating_raters.html",
        {
            "rating_study": rating_study,
            "calibrations": calibrations_of(seats),
            "drifts": drift_of(rating_study),
            "fewest": FEWEST,
        },
    )


@login_required
@require_POST
def release(request: HttpRequest, seat_id: int) -> HttpResponse:
    user = signed_in(request)
    led = RatingStudy.objects.led_by(user)
    seat = get_or_404(RatingRater.objects.filter(rating_study__in=led), pk=seat_id)
    try:
        release_rater(seat=seat, user=user, reason=request.POST.get("reason", ""))
        messages.success(request, f"{seat.rater} can go on; your name and reason are kept with it.")
    except ReleaseRefusedError as refused:
        messages.error(request, str(refused))
    return redirect("annotations:rating-raters", rating_study_id=seat.rating_study_id)
