"""Agreement and assistance as JSON: the numbers of the pages, all of them."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.agreement.pair import pair_report
from annotations.agreement.report import agreement_report
from annotations.agreement.sheet import scope_for
from studies.access import signed_in


class AgreementView(APIView):
    def get(self, request: Request, **where: Any) -> Response:
        """Return the agreement of the scorers named, or with `a` and `b` of a pair of them."""
        query, scope = request.query_params, scope_for(signed_in(request), **where)
        asked = scope.asked(scorers=query.getlist("scorer"), with_open="open" in query)
        two = asked.pair(query.get("a", ""), query.get("b", ""))
        if two:
            return Response({**scope.head, **pair_report(asked.sheet, *two)})
        return Response({**scope.head, **agreement_report(asked.sheet, asked.compared)})
