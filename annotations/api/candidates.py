"""Events that the detectors found, in the modes and epochs that allow assistance."""

from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.scorings import own_scoring
from annotations.api.suggestions import asked_epochs
from annotations.queries.suggestions import assisted_epochs
from psg.events.measures import offered
from recordings.models import EpochCandidates
from recordings.services.candidates import stored_candidates
from recordings.tasks import send_search
from recordings.workers import live_workers
from studies.models import Mode


@method_decorator(never_cache, name="dispatch")
class CandidatesView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """Return what was found; a night that was never searched is searched by the worker."""
        scoring = own_scoring(request, scoring_id)
        if scoring.mode == Mode.BLIND:
            raise PermissionDenied("In blind mode nothing is pointed out.")
        recording = scoring.recording
        if not recording.signals_file:
            raise NotFound("This recording has no signals.")
        epochs = assisted_epochs(scoring, asked_epochs(request))
        found = stored_candidates(recording=recording, epochs=epochs)
        if found is None:
            send_search(recording.pk)
            return Response({"state": "waiting", "has_worker": bool(live_workers("default"))})
        return Response({"state": "ready", "candidates": [_json(one) for one in found]})


def _json(found: EpochCandidates) -> dict[str, Any]:
    return {"epoch": found.epoch, "events": offered(found.events)}
