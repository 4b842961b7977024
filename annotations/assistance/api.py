"""The API of assistance: suggestions, detected events, checked claims, effect of suggestions."""

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.agreement.sheet import sheet_of
from annotations.assistance.claims import CheckedRationale, checked_rationales
from annotations.assistance.report import assistance_report, reference_of
from annotations.assistance.suggestions import lock_epoch, send_stages, send_suggestions
from annotations.saving import SCORE_FIELDS
from annotations.scoring.api import own_scoring
from annotations.scoring.models import EpochScore, Scoring
from annotations.visibility import (
    assisted_epochs,
    checkable_epochs,
    checkable_scorings,
    shows_another,
    visible_scorings,
    why_claims_withheld,
)
from jobs.workers import live_workers
from psg.claims import ClaimVerdict, Unread
from psg.events.measures import offered
from recordings.candidates import stored_candidates
from recordings.models import EpochCandidates
from recordings.tasks import send_search
from studies.access import get_or_404, signed_in, study_for
from studies.audit import record_download
from studies.models import Role

MOST_AT_ONCE = 64


class SpanSerializer(serializers.Serializer):
    """A stretch of epochs."""

    first = serializers.IntegerField(min_value=0, default=0)
    count = serializers.IntegerField(min_value=1, max_value=MOST_AT_ONCE, default=1)


class LockSerializer(serializers.Serializer):
    """The version of the answer to lock."""

    version = serializers.IntegerField(min_value=1)


def suggestion_json(score: EpochScore) -> dict[str, object]:
    """Return a suggestion with the kind of its scorer, never the name."""
    probabilities = score.probabilities or {}
    return {
        **{name: getattr(score, name) for name in ("epoch", *SCORE_FIELDS)},
        "probability": probabilities.get(score.stage) if score.stage else None,
        "kind": score.scoring.scorer.kind,
        "grounding": score.grounding,
    }


def requested_epochs(request: Request) -> range:
    """Return the stretch of epochs in the query.

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
        scores = send_suggestions(scoring=scoring, epochs=requested_epochs(request))
        return Response(
            {"mode": scoring.mode, "suggestions": [suggestion_json(score) for score in scores]}
        )


@method_decorator(never_cache, name="dispatch")
class SuggestedStagesView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """Return the stages alone, for the hypnogram."""
        scores = send_stages(scoring=own_scoring(request, scoring_id))
        return Response({"stages": [[score.epoch, score.stage] for score in scores]})


@method_decorator(never_cache, name="dispatch")
class LockView(APIView):
    def post(self, request: Request, scoring_id: int, epoch: int) -> Response:
        scoring = own_scoring(request, scoring_id)
        form = LockSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        lock = lock_epoch(scoring=scoring, epoch=epoch, seen_version=form.validated_data["version"])
        sent = send_suggestions(scoring=scoring, epochs=range(epoch, epoch + 1))
        return Response(
            {
                "epoch": epoch,
                "version": lock.revision.version,
                "locked_at": lock.at.isoformat(),
                "suggestion": suggestion_json(sent[0]) if sent else None,
            }
        )


@method_decorator(never_cache, name="dispatch")
class CandidatesView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """Return detected events where the mode allows it; without a search yet, start one."""
        scoring = own_scoring(request, scoring_id)
        if not shows_another(scoring.mode):
            raise PermissionDenied("Not available in blind mode: detected waves are not shown.")
        recording = scoring.recording
        if not recording.signals_file:
            raise NotFound("This recording has no signals.")
        epochs = assisted_epochs(scoring, requested_epochs(request))
        candidates = stored_candidates(recording=recording, epochs=epochs)
        if candidates is None:
            return _waiting(scoring)
        return Response({"state": "ready", "candidates": [_candidates(c) for c in candidates]})


def _waiting(scoring: Scoring) -> Response:
    """Have a worker search the waves; nothing is stored any more for an archived study."""
    if scoring.study.archived_at:
        raise NotFound("This study is archived, and waves were not searched before.")
    send_search(scoring.recording_id)
    return Response({"state": "waiting", "has_worker": bool(live_workers("default"))})


def _candidates(candidates: EpochCandidates) -> dict[str, object]:
    return {"epoch": candidates.epoch, "events": offered(candidates.events)}


@method_decorator(never_cache, name="dispatch")
class ClaimsView(APIView):
    def get(self, request: Request, scoring_id: int) -> Response:
        """Return the claims of each saved rationale with their verdicts, and unchecked text."""
        user = signed_in(request)
        scorings = checkable_scorings(user).select_related("recording", "scorer")
        scoring = get_or_404(scorings, pk=scoring_id)
        if why := why_claims_withheld(scoring, user):
            raise PermissionDenied(why)
        if not scoring.recording.signals_file:
            raise NotFound("This recording has no signals.")
        epochs = checkable_epochs(scoring, user, requested_epochs(request))
        checked = checked_rationales(scoring, epochs)
        if checked is None:
            return _waiting(scoring)
        return Response(
            {"state": "ready", "rationales": [_rationale(rationale) for rationale in checked]}
        )


def _rationale(checked: CheckedRationale) -> dict[str, object]:
    return {
        "epoch": checked.epoch,
        "version": checked.version,
        "claims": [_verdict(verdict) for verdict in checked.verdicts],
        "unread": [_unread(unread) for unread in checked.read.unread],
    }


def _verdict(verdict: ClaimVerdict) -> dict[str, object]:
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
                "name": quantity.name,
                "value": quantity.value,
                "uncertainty": quantity.uncertainty,
                "unit": quantity.unit,
            }
            for quantity in verdict.measured
        ],
        "events": [event.as_evidence() for event in verdict.events],
    }


def _unread(unread: Unread) -> dict[str, object]:
    return {
        "text": unread.text,
        "start": unread.start,
        "end": unread.end,
        "reason": unread.reason,
    }


class AssistanceView(APIView):
    def get(self, request: Request, slug: str) -> Response:
        """Return the effect of suggestions; reference: the scorer `by`, else the consensus."""
        user = signed_in(request)
        study = study_for(user, slug, Role.LEAD)
        record_download(request, study=study, about="effect of suggestions (JSON)")
        scorings = visible_scorings(user).filter(recording__study=study)
        sheet = sheet_of(scorings)
        by = reference_of(sheet, request.query_params.get("by", ""))
        return Response({"study": study.slug, **assistance_report(scorings, sheet, by).as_json()})
