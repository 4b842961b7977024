"""Agreement as JSON: all numbers of the pages."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.agreement.models import AgreementWork
from annotations.agreement.pair import PairReport
from annotations.agreement.report import AgreementReport
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
        chosen = scope.select(scorers=query.getlist("scorer"), with_open="open" in query)
        pair = chosen.pair(query.get("a", ""), query.get("b", ""))
        wanted = wanted_pair(chosen, pair) if pair else wanted_report(chosen)
        found: AgreementReport | PairReport | AgreementWork = found_or_awaited(wanted, user)
        if isinstance(found, AgreementWork):
            return _awaited(found)
        _record(request, scope)
        more = {} if pair else {"copies_left_out": chosen.outline.copy_count}
        return Response({**scope.head, **found.as_json(), **more})


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
