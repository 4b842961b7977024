"""Before and after a rating: the rater's own stage, and the gold of the calibration round."""

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api.rating import RaterView, conflict, slot_for
from annotations.api.rating_serializers import gold_json, rating_json, slot_json
from annotations.queries.rating.queue import slots_of
from annotations.services.errors import StaleRatingError
from annotations.services.rating.calibration import NoGoldError, show_gold
from annotations.services.rating.own_stages import OwnStageNotAskedError, keep_own_stage
from annotations.services.rating.ratings import RatingClosedError, RatingUnfinishedError
from psg.stages import STAGES
from studies.access import signed_in

CLOSED = "This rating study was closed."


class OwnStageSerializer(serializers.Serializer):
    stage = serializers.ChoiceField([str(stage) for stage in STAGES])


class SeenSerializer(serializers.Serializer):
    version = serializers.IntegerField(min_value=1)


class RatingStageView(RaterView):
    def put(self, request: Request, code: str) -> Response:
        """Keep the rater's own stage, and answer with the item and its text."""
        slot = slot_for(request, code)
        form = OwnStageSerializer(data=request.data)
        if not form.is_valid():
            return _not_understood(form)
        try:
            keep_own_stage(slot=slot, stage=form.validated_data["stage"])
        except RatingClosedError:
            return conflict(CLOSED, code="closed")
        except OwnStageNotAskedError:
            return conflict("This study asks for no stage of one's own.", code="not-asked")
        return Response(slot_json(slots_of(signed_in(request)).get(pk=slot.pk)))


class RatingGoldView(RaterView):
    def post(self, request: Request, code: str) -> Response:
        """Fix the rating of a calibration item, and answer with the gold."""
        slot = slot_for(request, code)
        form = SeenSerializer(data=request.data)
        if not form.is_valid():
            return _not_understood(form)
        try:
            gold = show_gold(slot=slot, seen_version=form.validated_data["version"])
        except StaleRatingError as stale:
            return conflict(str(stale), code="stale", current=rating_json(stale.current))
        except RatingClosedError:
            return conflict(CLOSED, code="closed")
        except RatingUnfinishedError:
            return conflict("The gold comes after all three scores.", code="unfinished")
        except NoGoldError:
            return conflict("This item is none of the calibration round.", code="no-gold")
        return Response({"version": form.validated_data["version"], "feedback": gold_json(gold)})


def _not_understood(form: serializers.Serializer) -> Response:
    return Response(
        {"detail": "This was not understood.", "fields": form.errors},
        status=status.HTTP_400_BAD_REQUEST,
    )
