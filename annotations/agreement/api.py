"""Agreement as JSON: all numbers of the pages."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.agreement.models import AgreementWork
from annotations.agreement.results import wanted_pair, wanted_report
from annotations.agreement.scope import Scope, scope_for
from annotations.agreement.work import NotComputedError, found_or_awaited
from studies.access import signed_in
from studies.audit import record_download

RETRY_AFTER_S = 5


class AgreementView(APIView):
    def get(self, request: Request, **where: Any) -> Response:
        """Return the agreement of the scorers `scorer`, or of scorer `a` with reference `b`.

        While a worker computes it, the status is 202 and the answer tells how far the work is.
        """
        user = signed_in(request)
        query, scope = request.query_params, scope_for(user, **where)
        _record(request, scope)
        chosen = scope.select(scorers=query.getlist("scorer"), with_open="open" in query)
        if pair := chosen.pair(query.get("a", ""), query.get("b", "")):
            compared = found_or_awaited(wanted_pair(chosen, pair), user)
            if isinstance(compared, AgreementWork):
                return _awaited(compared)
            return Response({**scope.head, **compared.as_json()})
        report = found_or_awaited(wanted_report(chosen), user)
        if isinstance(report, AgreementWork):
            return _awaited(report)
        return Response(
            {**scope.head, **report.as_json(), "copies_left_out": chosen.outline.copy_count}
        )


def _awaited(work: AgreementWork) -> Response:
    """Tell how far a computation is.

    Raises
    ------
    NotComputedError
        When it failed.
    """
    if not work.is_busy:
        raise NotComputedError(
            f"The numbers were not computed: {work.error}",
            advice="Open the agreement page of the study and choose “Compute numbers again”.",
        )
    progress = {"state": work.state, "done": work.done, "total": work.total}
    return Response(progress, status=202, headers={"Retry-After": str(RETRY_AFTER_S)})


def _record(request: Request, scope: Scope) -> None:
    if night := scope.recording:
        where_from, details = f"recording {night.pk}", {"recording": night.pk}
    else:
        where_from, details = str(scope.study), {}
    about = f"agreement of {where_from} (JSON)"
    record_download(request, study=scope.study, about=about, details=details)
