"""Results of a rating study as JSON, for research leads."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.exports.rating_results import results_json
from annotations.models import RatingStudy
from annotations.queries.rating.results import results_of
from studies.access import get_or_404, signed_in


class RatingResultsView(APIView):
    def get(self, request: Request, rating_study_id: int) -> Response:
        studies = RatingStudy.objects.led_by(signed_in(request)).launched()
        return Response(results_json(results_of(get_or_404(studies, pk=rating_study_id))))
