"""What the signal says of the claims in rationales, for whoever may know it."""

from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.api.scorings import visible_scoring
from annotations.api.suggestions import asked_epochs
from annotations.queries.claims import (
    CheckedRationale,
    allowed_epochs,
    checked_rationales,
    why_withheld,
)
from psg.claims import ClaimVerdict, Unread
from recordings.tasks import send_search
from recordings.workers import live_workers
from studies.access import signed_in


@method_decorator(never_cache, name="dispatch")
class ClaimsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """Return each saved rationale's claims with their verdicts, and what was not checked."""
        scoring, user = visible_scoring(request, scoring_id), signed_in(request)
        if why := why_withheld(scoring, user):
            raise PermissionDenied(why)
        if not scoring.recording.signals_file:
            raise NotFound("This recording has no signals.")
        epochs = allowed_epochs(scoring, user, asked_epochs(request))
        checked = checked_rationales(scoring, epochs)
        if checked is None:
            send_search(scoring.recording_id)
            return Response({"state": "waiting", "has_worker": bool(live_workers("default"))})
        return Response({"state": "ready", "rationales": [_rationale(one) for one in checked]})


def _rationale(checked: CheckedRationale) -> dict[str, Any]:
    return {
        "epoch": checked.epoch,
        "version": checked.version,
        "claims": [_verdict(verdict) for verdict in checked.verdicts],
        "unread": [_unread(unread) for unread in checked.read.unread],
    }


def _verdict(verdict: ClaimVerdict) -> dict[str, Any]:
    claim = verdict.claim
    return {
        "kind": claim.kind,
        "absent": claim.absent,
        "text": claim.text,
        "start": claim.start,
        "end": claim.end,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "measured": [
            {
                "name": one.name,
                "value": one.value,
                "uncertainty": one.uncertainty,
                "unit": one.unit,
            }
            for one in verdict.measured
        ],
        "events": [event.as_evidence() for event in verdict.events],
    }


def _unread(unread: Unread) -> dict[str, Any]:
    return {
        "text": unread.text,
        "start": unread.start,
        "end": unread.end,
        "reason": unread.reason,
    }
