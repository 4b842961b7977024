"""The API of corrections of signals: preview, request, history."""

from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from epochwise.lifecycle.signal_corrections import (
    SignalDependents,
    checked_plan,
    request_correction,
    visible_of,
)
from jobs.kinds import send_after_commit
from psg.errors import RefusedError
from psg.ingest import NightDecisions
from recordings.corrections.models import SignalCorrection
from recordings.corrections.planning import (
    present_decisions,
    refuse_outdated,
    state_of_signals,
)
from recordings.corrections.words import Change, changes_between, history
from recordings.corrections.work import dependents_of
from recordings.models import Recording
from studies.access import get_or_404, require, signed_in
from studies.models import Role


class CorrectionSerializer(serializers.Serializer):
    """What is said of the signals, as the decisions of an upload, why, and what was seen before."""

    decisions = serializers.JSONField()
    seen = serializers.CharField(required=False, max_length=40)
    why = serializers.CharField(required=False, allow_blank=True, max_length=500)


class CorrectionsView(APIView):
    def get(self, request: Request, recording_id: int) -> Response:
        """List what can be corrected, as it is now, and the corrections, the newest first."""
        recording = _led(request, recording_id)
        user = signed_in(request)
        return Response(
            {
                "present": present_decisions(recording).as_json(),
                "signals_version": recording.signals_version,
                "seen": state_of_signals(recording),
                "corrections": [
                    {
                        **correction_json(row.correction),
                        "changes": _changes(row.changes),
                        "rests": dependents_json(visible_of(row.correction.rests, user)),
                    }
                    for row in history(recording)
                ],
            }
        )

    def post(self, request: Request, recording_id: int) -> Response:
        """Request a correction; a worker does it."""
        recording = _led(request, recording_id)
        wanted, fields = _given(request)
        correction = request_correction(
            recording=recording,
            given=wanted,
            user=signed_in(request),
            why=fields.get("why", ""),
            seen=fields.get("seen"),
        )
        send_after_commit(correction)
        return Response(correction_json(correction), status=status.HTTP_201_CREATED)


class CorrectionPreviewView(APIView):
    def post(self, request: Request, recording_id: int) -> Response:
        """Say what a correction would change and what was made on the signals; write nothing."""
        recording = _led(request, recording_id)
        wanted, fields = _given(request)
        rests = visible_of(dependents_of(recording), signed_in(request))
        refuse_outdated(recording, fields.get("seen"))
        plan = checked_plan(recording, wanted)
        return Response(
            {
                "changes": _changes(changes_between(plan.before, plan.after)),
                "new_signals": plan.changes_signals,
                "doubts": [doubt.as_json() for doubt in plan.doubts],
                "rests": dependents_json(rests),
            }
        )


def correction_json(correction: SignalCorrection) -> dict[str, object]:
    return {
        "id": correction.pk,
        "state": correction.state,
        "error": correction.error,
        "done": correction.done,
        "total": correction.total,
        "why": correction.why,
        "by": correction.user.username if correction.user else "",
        "created_at": correction.created_at,
        "finished_at": correction.finished_at,
        "version_before": correction.version_before,
        "version_after": correction.version_after,
        "sha256_before": correction.sha256_before,
        "sha256_after": correction.sha256_after,
        "is_store_kept": bool(correction.signals_file),
    }


def dependents_json(rests: SignalDependents) -> dict[str, list[int]]:
    made = {
        "scorings": [scoring.pk for scoring in rests.scorings],
        "runs": [run.pk for run in rests.runs],
    }
    if rests.adjudications:
        made["adjudications"] = [adjudication.pk for adjudication in rests.adjudications]
    return made


def _changes(changes: list[Change]) -> list[dict[str, str]]:
    return [vars(change) for change in changes]


def _led(request: Request, recording_id: int) -> Recording:
    user = signed_in(request)
    recordings = Recording.objects.of(user).select_related("study")
    recording = get_or_404(recordings, pk=recording_id)
    require(recording.study, user, Role.LEAD)
    return recording


def _given(request: Request) -> tuple[NightDecisions, dict[str, Any]]:
    """Read the decisions, and the other fields of a request."""
    form = CorrectionSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    wanted: Any = form.validated_data["decisions"]
    if not isinstance(wanted, dict):
        raise RefusedError("The decisions are not a JSON object.", where="decisions")
    return NightDecisions.from_json(wanted), form.validated_data
