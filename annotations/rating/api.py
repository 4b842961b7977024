"""The API of rating: a rater's queue, items under opaque codes, saving; results for leads."""

import secrets
from dataclasses import asdict

from django.http import Http404, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.rating.calibration import show_gold
from annotations.rating.downloads import results_json
from annotations.rating.errors import WithheldItemError
from annotations.rating.models import RatingSlot
from annotations.rating.queue import (
    STEPS,
    gate_of,
    image_of,
    queue_of,
    raw_layout,
    raw_signals_of,
    signals_of,
    slots_of,
)
from annotations.rating.ratings import keep_own_stage, rate
from annotations.rating.results import results_of
from annotations.rating.serializers import (
    RatingSerializer,
    answer_json,
    gold_json,
    slot_json,
)
from annotations.visibility import (
    rating_studies_led_by,
    rating_studies_rated_by,
    recordings_of_items,
    refuse_unaided_nights,
    slots_in_rated_studies,
    without_barred,
)
from psg.render import padded
from psg.stages import STAGES
from studies.access import NOTHING_HERE, get_or_404, signed_in
from studies.audit import record_download

MOST_PADDING = 4096


def _any_padding() -> bytes:
    """Return bytes of a random number, so that the length of an image does not show a repeat."""
    return secrets.token_bytes(secrets.randbelow(MOST_PADDING))


def slot_for(request: Request, code: str) -> RatingSlot:
    """Return a slot of the user, or raise 404.

    Raises
    ------
    WithheldItemError
        When the item was withheld after the launch.
    """
    user = signed_in(request)
    if slot := slots_of(user, code=code).first():
        return slot
    mine = slots_in_rated_studies(user).filter(code=code)
    if mine.exists() and not without_barred(mine, user).exists():
        raise WithheldItemError
    raise Http404(NOTHING_HERE)


@method_decorator(never_cache, name="dispatch")
class RaterView(APIView):
    """The base of all answers to raters, which no cache keeps."""


class RatingQueueView(RaterView):
    def get(self, request: Request, rating_study_id: int) -> Response:
        user = signed_in(request)
        study = get_or_404(rating_studies_rated_by(user), pk=rating_study_id)
        slots = [asdict(entry) for entry in queue_of(user, study)]
        return Response({"slots": slots, "gate": asdict(gate_of(user, study))})


class RatingSlotView(RaterView):
    def get(self, request: Request, code: str) -> Response:
        return Response(slot_json(slot_for(request, code)))

    def put(self, request: Request, code: str) -> Response:
        slot = slot_for(request, code)
        form = RatingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        save = form.save_of(signed_in(request))
        return Response(answer_json(rate(slot=slot, content=form.content(), save=save)))


class RatingImageView(RaterView):
    def get(self, request: Request, code: str, which: str) -> HttpResponse:
        if which not in STEPS:
            raise Http404
        png = image_of(slot_for(request, code), STEPS[which])
        if png is None:
            raise Http404("The recording has no epoch there.")
        return HttpResponse(padded(png, _any_padding()), content_type="image/png")


class RatingSignalsView(RaterView):
    def get(self, request: Request, code: str) -> HttpResponse:
        slot = slot_for(request, code)
        is_raw = request.query_params.get("view") == "raw"
        records = raw_signals_of(slot) if is_raw else signals_of(slot)
        if records is None:
            raise Http404("This recording has no unfiltered channels.")
        return HttpResponse(records, content_type="application/octet-stream")


class RatingRawView(RaterView):
    def get(self, request: Request, code: str) -> Response:
        """Describe the unfiltered records; null where the night has none."""
        return Response({"layout": raw_layout(slot_for(request, code))})


# The rater's own stage, and the reference scores of calibration items


class OwnStageSerializer(serializers.Serializer):
    stage = serializers.ChoiceField([str(stage) for stage in STAGES])


class SeenSerializer(serializers.Serializer):
    version = serializers.IntegerField(min_value=1)


class RatingStageView(RaterView):
    def put(self, request: Request, code: str) -> Response:
        """Store the rater's own stage, and return the item with its text."""
        slot = slot_for(request, code)
        form = OwnStageSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        keep_own_stage(slot=slot, stage=form.validated_data["stage"])
        return Response(slot_json(slots_of(signed_in(request)).get(pk=slot.pk)))


class RatingGoldView(RaterView):
    def post(self, request: Request, code: str) -> Response:
        """Close the rating of a calibration item, and return the reference scores."""
        slot = slot_for(request, code)
        form = SeenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        rating = show_gold(slot=slot, seen_version=form.validated_data["version"])
        return Response({"version": rating.version, "feedback": gold_json(slot.item.gold)})


# Results of a rating study for research leads


class RatingResultsView(APIView):
    def get(self, request: Request, rating_study_id: int) -> Response:
        user = signed_in(request)
        studies = rating_studies_led_by(user).launched()
        rating_study = get_or_404(studies.select_related("study"), pk=rating_study_id)
        refuse_unaided_nights(recordings_of_items(rating_study), user)
        about = f"results of rating study {rating_study} (JSON)"
        record_download(request, study=rating_study.study, about=about)
        return Response(results_json(results_of(rating_study)))
