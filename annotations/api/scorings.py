"""The workbench's API: load a scoring, save an epoch, submit."""

from typing import Any

from rest_framework import status
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.serializers import (
    SaveSerializer,
    SubmitSerializer,
    answer_json,
    score_json,
    scoring_json,
)
from annotations.models import Scoring
from annotations.services.errors import (
    ForeignClientUuidError,
    NotOpenError,
    OutsideNightError,
    StaleVersionError,
    SubmitRefusedError,
)
from annotations.services.scores import Why, score_epoch
from annotations.services.scorings import submit_scoring
from studies.access import get_or_404, signed_in


def visible_scoring(request: Request, scoring_id: int) -> Scoring:
    user = signed_in(request)
    # Their own is asked for first: every save comes through here, and this is the cheap question.
    own = Scoring.objects.own(user).select_related("recording", "scorer").filter(pk=scoring_id)
    if found := own.order_by("pk").first():
        return found
    return get_or_404(Scoring.objects.of(user).select_related("recording", "scorer"), pk=scoring_id)


def own_scoring(request: Request, scoring_id: int) -> Scoring:
    scoring = visible_scoring(request, scoring_id)
    if scoring.scorer.user_id != request.user.pk:
        raise PermissionDenied("Only the scorer changes a scoring.")
    return scoring


class ScoringView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        scoring = visible_scoring(request, scoring_id)
        editable = scoring.is_open and scoring.scorer.user_id == request.user.pk
        return Response(scoring_json(scoring, editable=editable))


class EpochScoreView(APIView):
    def put(self, request: Request, scoring_id: int, epoch: int) -> Response:
        scoring = own_scoring(request, scoring_id)
        form = SaveSerializer(data=request.data, context={"scoring": scoring})
        if not form.is_valid():
            return Response(
                {"detail": "This save was not understood.", "fields": form.errors},
                status=status.HTTP_400_BAD_REQUEST,
            )
        try:
            revision = score_epoch(
                scoring=scoring,
                epoch=epoch,
                content=form.content(),
                seen_version=form.validated_data["version"],
                client_uuid=form.validated_data["client_uuid"],
                user=signed_in(request),
                why=Why(form.validated_data["why"]),
                shown=form.validated_data["shown"],
                active_ms=form.validated_data["active_ms"],
            )
        except StaleVersionError as stale:
            return conflict(
                str(stale),
                code="stale",
                current=score_json(stale.current, epoch=epoch),
                yours={"epoch": epoch, **form.content().as_json()},
            )
        except NotOpenError as refused:
            return conflict(str(refused), code=refused.code)
        except ForeignClientUuidError:
            return conflict("This save carries the id of another save.", code="foreign")
        except OutsideNightError as outside:
            raise NotFound(str(outside)) from outside
        return Response(answer_json(revision))


class SubmitView(APIView):
    def post(self, request: Request, scoring_id: int) -> Response:
        scoring = own_scoring(request, scoring_id)
        form = SubmitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            scoring = submit_scoring(scoring=scoring, **form.validated_data)
        except NotOpenError as refused:
            return conflict(str(refused), code=refused.code)
        except SubmitRefusedError as refused:
            problems = refused.problems
            return conflict(
                str(refused),
                code="not_ready",
                unscored=problems.unscored,
                errors=problems.errors,
                warnings=problems.warnings,
            )
        return Response({"state": scoring.state})


def conflict(detail: str, **more: Any) -> Response:
    return Response({"detail": detail, **more}, status=status.HTTP_409_CONFLICT)
