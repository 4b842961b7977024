"""Agreement as JSON: all numbers of the pages."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.agreement.pair import pair_report
from annotations.agreement.report import agreement_report
from annotations.agreement.sheet import Scope, scope_for
from studies.access import signed_in
from studies.audit import record_download


class AgreementView(APIView):
    def get(self, request: Request, **where: Any) -> Response:
        """Return the agreement of the scorers `scorer`, or of scorer `a` with reference `b`."""
        query, scope = request.query_params, scope_for(signed_in(request), **where)
        _record(request, scope)
        chosen = scope.select(scorers=query.getlist("scorer"), with_open="open" in query)
        if pair := chosen.pair(query.get("a", ""), query.get("b", "")):
            return Response({**scope.head, **pair_report(chosen.sheet, *pair).as_json()})
        report = agreement_report(chosen.sheet, chosen.compared)
        return Response(
            {**scope.head, **report.as_json(), "copies_left_out": chosen.sheet.copy_count}
        )


def _record(request: Request, scope: Scope) -> None:
    if night := scope.recording:
        where_from, details = f"recording {night.pk}", {"recording": night.pk}
    else:
        where_from, details = str(scope.study), {}
    about = f"agreement of {where_from} (JSON)"
    record_download(request, study=scope.study, about=about, details=details)
