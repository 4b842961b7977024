"""Agreement and assistance as JSON: the numbers of the pages, all of them."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.models import Scoring
from annotations.queries.agreement import agreement_report, pair_report, sheet_of
from annotations.queries.agreement.scopes import scope_for
from annotations.queries.assistance import assistance_report, reference_of
from studies.access import signed_in, study_for
from studies.models import Role


class AgreementView(APIView):
    def get(self, request: Request, **where: Any) -> Response:
        """Return the agreement of the scorers named, or with `a` and `b` of a pair of them."""
        query, scope = request.query_params, scope_for(signed_in(request), **where)
        asked = scope.asked(scorers=query.getlist("scorer"), with_open="open" in query)
        two = asked.pair(query.get("a", ""), query.get("b", ""))
        if two:
            return Response({**scope.head, **pair_report(asked.sheet, *two)})
        return Response({**scope.head, **agreement_report(asked.sheet, asked.compared)})


class AssistanceView(APIView):
    def get(self, request: Request, slug: str) -> Response:
        """Return what suggestions did, judged by the scorer named `by`, else by the consensus."""
        user = signed_in(request)
        study = study_for(user, slug, Role.LEAD)
        scorings = Scoring.objects.of(user).filter(recording__study=study)
        sheet = sheet_of(scorings)
        by = reference_of(sheet, request.query_params.get("by", ""))
        return Response({"study": study.slug, **assistance_report(scorings, sheet, by)})
