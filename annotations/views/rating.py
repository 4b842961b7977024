"""The rater's page. It carries words and addresses; items come from the API."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from annotations.models import RatingStudy
from annotations.queries.rating.words import DIMENSION_WORDS
from psg.stages import STAGES
from studies.access import get_or_404, signed_in


@login_required
@require_GET
@never_cache
@ensure_csrf_cookie
def rate(request: HttpRequest, rating_study_id: int) -> HttpResponse:
    studies = RatingStudy.objects.rated_by(signed_in(request)).select_related("study")
    return render(
        request,
        "annotations/rate.html",
        {
            "rating_study": get_or_404(studies, pk=rating_study_id),
            "dimensions": list(DIMENSION_WORDS.values()),
            "stages": [str(stage) for stage in STAGES],
        },
    )
