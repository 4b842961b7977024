"""The API of adjudication: loading it, saving decisions, finishing it."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.adjudication.decisions import decide
from annotations.adjudication.lifecycle import finish_adjudication
from annotations.adjudication.models import Adjudication
from annotations.adjudication.serializers import (
    DecisionSerializer,
    adjudication_json,
    answer_json,
)
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
        sides = [side.letter for side in adjudication.sides.all()]
        context = {"rule_edition": adjudication.rule_edition, "sides": sides}
        form = DecisionSerializer(data=request.data, context=context)
        form.is_valid(raise_exception=True)
        decision = decide(
            adjudication=adjudication,
            epoch=epoch,
            verdict=form.verdict(),
            save=form.save_of(signed_in(request)),
        )
        return Response(answer_json(decision))


class FinishView(APIView):
    def post(self, request: Request, adjudication_id: int) -> Response:
        adjudication = _mine(request, adjudication_id)
        done = finish_adjudication(adjudication=adjudication, user=signed_in(request))
        return Response({"state": done.state, "scoring": done.consensus_id})
