"""What the rule checks say of a scoring, while it is being made."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.models import Scoring
from annotations.services.scorings import submit_problems
from studies.access import get_or_404, signed_in


class FindingsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """List errors and warnings as the server holds the scoring now, by epoch."""
        scorings = Scoring.objects.of(signed_in(request)).select_related("recording")
        problems = submit_problems(scoring=get_or_404(scorings, pk=scoring_id))
        found = problems.errors + problems.warnings
        return Response({"findings": sorted(found, key=lambda row: (row["epoch"], row["level"]))})
