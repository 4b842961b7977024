"""What the rule checks say of a scoring, while it is being made."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.scorings import visible_scoring
from annotations.services.scorings import submit_problems


class FindingsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """List errors and warnings as the server holds the scoring now, by epoch."""
        problems = submit_problems(scoring=visible_scoring(request, scoring_id))
        found = problems.errors + problems.warnings
        return Response({"findings": sorted(found, key=lambda row: (row["epoch"], row["level"]))})
