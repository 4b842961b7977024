"""The adjudicator's API: what the sides say, one decision after another, and the end."""

from typing import Any

from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.adjudication.decisions import decide
from annotations.adjudication.errors import (
    AdjudicationFinishedError,
    AdjudicationRefusedError,
    StaleDecisionError,
    UndecidedError,
)
from annotations.adjudication.lifecycle import finish_adjudication
from annotations.adjudication.models import Adjudication
from annotations.adjudication.serializers import (
    DecisionSerializer,
    adjudication_json,
    answer_json,
    decision_json,
)
from annotations.scoring.errors import ForeignClientUuidError, OutsideNightError
from annotations.visibility import adjudications_to_settle
from studies.access import get_or_404, signed_in


def _mine(request: Request, adjudication_id: int) -> Adjudication:
    adjudications = adjudications_to_settle(signed_in(request)).select_related("recording")
    return get_or_404(adjudications, pk=adjudication_id)


class AdjudicationView(APIView):
    def get(self, request: Request, adjudication_id: int) -> Response:
        return Response(adjudication_json(_mine(request, adjudication_id)))


class DecisionView(APIView):
    def put(self, request: Request, adjudication_id: int, epoch: int) -> Response:
        adjudication = _mine(request, adjudication_id)
        form = DecisionSerializer(data=request.data, context={"adjudication": adjudication})
        if not form.is_valid():
            return _refused("This decision was not understood.", fields=form.errors)
        data = form.validated_data
        try:
            decision = decide(
                adjudication=adjudication,
                epoch=epoch,
                verdict=form.verdict(),
                seen_version=data["version"],
                client_uuid=data["client_uuid"],
                user=signed_in(request),
                why=data["why"],
                shown=data["shown"],
                active_ms=data["active_ms"],
            )
        except StaleDecisionError as stale:
            current = decision_json(stale.current, epoch=epoch)
            return _conflict(str(stale), code="stale", current=current)
        except AdjudicationFinishedError as finished:
            return _conflict(str(finished), code=finished.code)
        except ForeignClientUuidError:
            return _conflict("This save carries the id of another save.", code="foreign")
        except AdjudicationRefusedError as refused:
            return _refused(str(refused))
        except OutsideNightError as outside:
            raise NotFound(str(outside)) from outside
        return Response(answer_json(decision))


class FinishView(APIView):
    def post(self, request: Request, adjudication_id: int) -> Response:
        adjudication = _mine(request, adjudication_id)
        try:
            done = finish_adjudication(adjudication=adjudication, user=signed_in(request))
        except UndecidedError as undecided:
            return _conflict(str(undecided), code="undecided", epochs=undecided.epochs)
        except AdjudicationFinishedError as finished:
            return _conflict(str(finished), code=finished.code)
        return Response({"state": done.state, "scoring": done.consensus_id})


def _conflict(detail: str, **more: Any) -> Response:
    return Response({"detail": detail, **more}, status=status.HTTP_409_CONFLICT)


def _refused(detail: str, **more: Any) -> Response:
    return Response({"detail": detail, **more}, status=status.HTTP_400_BAD_REQUEST)
