"""The API of adjudication: loading it in pages, decisions, rules, comments, finishing it."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.adjudication.comments import comment, earlier_comments
from annotations.adjudication.decisions import decide
from annotations.adjudication.lifecycle import finish_adjudication
from annotations.adjudication.models import Adjudication
from annotations.adjudication.reading import sides_of
from annotations.adjudication.rule_json import (
    RuleSerializer,
    SettlementSerializer,
    preview_json,
    settlement_json,
)
from annotations.adjudication.serializers import (
    CommentSerializer,
    DecisionSerializer,
    EarlierCommentsSerializer,
    EpochsSerializer,
    adjudication_json,
    answer_json,
    comment_json,
    epochs_json,
)
from annotations.adjudication.settling import preview_rule, settle_by_rule, withdraw_rule
from annotations.visibility import adjudications_to_settle
from studies.access import get_or_404, signed_in


def _mine(request: Request, adjudication_id: int) -> Adjudication:
    adjudications = adjudications_to_settle(signed_in(request)).select_related("recording")
    return get_or_404(adjudications, pk=adjudication_id)


class AdjudicationView(APIView):
    def get(self, request: Request, adjudication_id: int) -> Response:
        return Response(adjudication_json(_mine(request, adjudication_id)))


class EpochsView(APIView):
    """The scores of the sides at some epochs, a page at a time."""

    def get(self, request: Request, adjudication_id: int) -> Response:
        adjudication = _mine(request, adjudication_id)
        form = EpochsSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data["epochs"]
        return Response(epochs_json(adjudication, sides_of(adjudication), wanted))


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


class MajorityView(APIView):
    """A rule that settles many epochs: GET previews it, POST applies it as it was previewed."""

    def get(self, request: Request, adjudication_id: int) -> Response:
        adjudication = _mine(request, adjudication_id)
        form = RuleSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        return Response(preview_json(preview_rule(adjudication=adjudication, rule=form.rule())))

    def post(self, request: Request, adjudication_id: int) -> Response:
        adjudication = _mine(request, adjudication_id)
        form = SettlementSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        settlement = settle_by_rule(
            adjudication=adjudication,
            rule=form.rule(),
            token=form.validated_data["preview"],
            save=form.save_of(signed_in(request)),
        )
        return Response(settlement_json(settlement), status=status.HTTP_201_CREATED)


class WithdrawMajorityView(APIView):
    def post(self, request: Request, adjudication_id: int, settlement_id: int) -> Response:
        adjudication = _mine(request, adjudication_id)
        settlement = get_or_404(adjudication.settlements.all(), pk=settlement_id)
        withdrawn = withdraw_rule(settlement=settlement, user=signed_in(request))
        return Response(settlement_json(withdrawn))


class CommentsView(APIView):
    """Comments of an epoch: GET reads those before one that is known, POST adds one."""

    def get(self, request: Request, adjudication_id: int) -> Response:
        adjudication = _mine(request, adjudication_id)
        form = EarlierCommentsSerializer(data=request.query_params)
        form.is_valid(raise_exception=True)
        found = earlier_comments(adjudication=adjudication, **form.validated_data)
        return Response({"comments": [comment_json(each) for each in found]})

    def post(self, request: Request, adjudication_id: int) -> Response:
        adjudication = _mine(request, adjudication_id)
        form = CommentSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = comment(
            adjudication=adjudication,
            epoch=form.validated_data["epoch"],
            text=form.validated_data["text"],
            save=form.save_of(signed_in(request)),
        )
        return Response(comment_json(made), status=status.HTTP_201_CREATED)


class FinishView(APIView):
    def post(self, request: Request, adjudication_id: int) -> Response:
        adjudication = _mine(request, adjudication_id)
        done = finish_adjudication(adjudication=adjudication, user=signed_in(request))
        return Response({"state": done.state, "scoring": done.consensus_id})
