"""Suggestions of another scoring, as far as the mode of one's own lets them out."""

from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.scorings import conflict, own_scoring
from annotations.api.serializers import score_json
from annotations.models import EpochScore
from annotations.services.errors import (
    NotOpenError,
    NotRevealError,
    StaleVersionError,
    UnscoredError,
)
from annotations.services.suggestions import lock_epoch, send_stages, send_suggestions

MOST_AT_ONCE = 64


class SpanSerializer(serializers.Serializer):
    """A stretch of epochs."""

    first = serializers.IntegerField(min_value=0, default=0)
    count = serializers.IntegerField(min_value=1, max_value=MOST_AT_ONCE, default=1)


class LockSerializer(serializers.Serializer):
    """The version of the answer that is to be fixed."""

    version = serializers.IntegerField(min_value=1)


def suggestion_json(score: EpochScore) -> dict[str, Any]:
    """Return what is suggested, and by what kind of scorer; whose it is, is not said."""
    names = ("epoch", "stage", "rules", "rationale", "flags", "evidence")
    probabilities = score.probabilities or {}
    return {
        **{name: getattr(score, name) for name in names},
        "probability": probabilities.get(score.stage) if score.stage else None,
        "kind": score.scoring.scorer.kind,
    }


def asked_epochs(request: Request) -> range:
    """The stretch of epochs in the query.

    Raises
    ------
    ValidationError
    """
    span = SpanSerializer(data=request.query_params)
    span.is_valid(raise_exception=True)
    first = span.validated_data["first"]
    return range(first, first + span.validated_data["count"])


@method_decorator(never_cache, name="dispatch")
class SuggestionsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        scoring = own_scoring(request, scoring_id)
        found = send_suggestions(scoring=scoring, epochs=asked_epochs(request))
        return Response(
            {"mode": scoring.mode, "suggestions": [suggestion_json(score) for score in found]}
        )


@method_decorator(never_cache, name="dispatch")
class SuggestedStagesView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """Return the stages alone, for the strip of the night."""
        found = send_stages(scoring=own_scoring(request, scoring_id))
        return Response({"stages": [[score.epoch, score.stage] for score in found]})


@method_decorator(never_cache, name="dispatch")
class LockView(APIView):
    def post(self, request: Request, scoring_id: int, epoch: int) -> Response:
        scoring = own_scoring(request, scoring_id)
        form = LockSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            lock = lock_epoch(
                scoring=scoring, epoch=epoch, seen_version=form.validated_data["version"]
            )
        except NotRevealError as refused:
            return Response({"detail": str(refused)}, status=400)
        except UnscoredError as refused:
            return conflict(str(refused), code="unscored")
        except NotOpenError as refused:
            return conflict(str(refused), code=refused.code)
        except StaleVersionError as stale:
            current = score_json(stale.current, epoch=epoch)
            return conflict(str(stale), code="stale", current=current)
        sent = send_suggestions(scoring=scoring, epochs=range(epoch, epoch + 1))
        return Response(
            {
                "epoch": epoch,
                "version": lock.revision.version,
                "locked_at": lock.at.isoformat(),
                "suggestion": suggestion_json(sent[0]) if sent else None,
            }
        )
