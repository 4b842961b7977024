"""Lights off and lights on of a scoring, in seconds from the start of the recording."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.scorings import conflict, own_scoring, visible_scoring
from annotations.api.serializers import lights_json
from annotations.models import LightsRevision
from annotations.services.errors import LightsRefusedError, NotOpenError, StaleLightsError
from annotations.services.lights import Why, set_lights
from psg.lights import Lights
from studies.access import signed_in


class LightsSerializer(serializers.Serializer):
    """One change of the marks; null where those of the file hold."""

    client_uuid = serializers.UUIDField()
    version = serializers.IntegerField(min_value=0)
    off_s = serializers.FloatField(allow_null=True)
    on_s = serializers.FloatField(allow_null=True)
    why = serializers.ChoiceField(choices=[Why.EDIT, Why.UNDO, Why.REDO], default=Why.EDIT)


class LightsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """Tell the marks, and everything that became of them, the newest first."""
        scoring = visible_scoring(request, scoring_id)
        revisions = scoring.lights_revisions.select_related("user").order_by("-version")
        told = [_revision_json(one, scorer_label=scoring.scorer.label) for one in revisions]
        return Response({**lights_json(scoring), "revisions": told})

    def put(self, request: Request, scoring_id: int) -> Response:
        scoring = own_scoring(request, scoring_id)
        form = LightsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        try:
            revision = set_lights(
                scoring=scoring,
                lights=Lights(wanted["off_s"], wanted["on_s"]),
                seen_version=wanted["version"],
                client_uuid=wanted["client_uuid"],
                user=signed_in(request),
                why=Why(wanted["why"]),
            )
        except StaleLightsError as stale:
            return conflict(str(stale), code="stale", current=lights_json(stale.scoring))
        except NotOpenError as refused:
            return conflict(str(refused), code=refused.code)
        except LightsRefusedError as refused:
            return Response({"detail": str(refused)}, status=status.HTTP_400_BAD_REQUEST)
        answer = {"version": revision.version, "saved_at": revision.at.isoformat()}
        return Response({**answer, **revision.after})


def _revision_json(revision: LightsRevision, *, scorer_label: str) -> dict[str, Any]:
    return {
        "at": revision.at.isoformat(),
        "who": str(revision.user) if revision.user else scorer_label,
        "why": revision.why,
        "from": revision.before,
        "to": revision.after,
    }
