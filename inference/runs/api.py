"""Runs, replies and bundles as JSON."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.visibility import OVERSEERS
from inference.models import PreScoreRun, Reply
from inference.registry.api import PRIORITIES
from inference.registry.promotions import bundle_to_use
from inference.runs.entry import begin_run, begin_study, change_run, move_run
from inference.runs.reading import (
    GpuWorkers,
    StudyProgress,
    gpu_workers,
    progress_of,
    study_progress,
)
from recordings.models import Recording
from studies.access import get_or_404, require, signed_in, study_for
from studies.models import Role, Study, User


class StartRunSerializer(serializers.Serializer):
    """Either one recording, or `whole_study`; never the study because a recording was left out.

    Without a bundle the study's promoted one is meant.
    """

    recording = serializers.IntegerField(min_value=1, required=False)
    whole_study = serializers.BooleanField(default=False)
    bundle = serializers.CharField(max_length=63, required=False, default="")
    priority = serializers.ChoiceField(PRIORITIES, default="normal")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["whole_study"] == ("recording" in attrs):
            raise serializers.ValidationError("Name a recording, or set whole_study.")
        return attrs


class PrioritySerializer(serializers.Serializer):
    priority = serializers.ChoiceField(PRIORITIES)


def run_json(run: PreScoreRun, *, workers: GpuWorkers) -> dict[str, Any]:
    progress = progress_of(run, workers=workers)
    return {
        "id": run.pk,
        "recording": run.recording_id,
        "bundle": run.bundle.name,
        "scoring": run.scoring_id,
        "attempt": run.attempt,
        "priority": run.get_priority_display().lower(),
        **asdict(progress),
        "rate": progress.rate,
        "left": progress.left,
        "started_at": run.started_at,
        "heartbeat_at": run.heartbeat_at,
        "finished_at": run.finished_at,
    }


def study_json(progress: StudyProgress) -> dict[str, Any]:
    words = {"label": progress.label, "rate": progress.rate, "left": progress.left}
    return {**asdict(progress), "left_s": progress.left_s, **words}


def reply_json(reply: Reply) -> dict[str, Any]:
    return {
        "epoch": reply.epoch,
        "attempt": reply.attempt,
        "fault": reply.fault,
        "reason": reply.fault_detail,
        "notes": reply.notes,
        "text": reply.text,
        "edge": reply.edge,
        "pixel_sha256": reply.pixel_sha256,
        "duration_s": reply.duration_s,
    }


# Runs over the API: start, watch, change, put first, and read the raw replies.


def visible_run(request: Request, run_id: int) -> PreScoreRun:
    runs = PreScoreRun.objects.of(signed_in(request))
    return get_or_404(
        runs.select_related("recording__study", "bundle__scorer", "scoring"), pk=run_id
    )


class StudyRunsView(APIView):
    def get(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        study = study_for(user, slug, *OVERSEERS)
        runs = PreScoreRun.objects.of(user).filter(recording__study=study)
        workers = gpu_workers()
        told = [run_json(run, workers=workers) for run in runs.select_related("bundle")]
        return Response({"runs": told, "progress": study_json(study_progress(runs))})

    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        study = study_for(user, slug, Role.LEAD)
        form = StartRunSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        begun = _begin(user, study, form.validated_data)
        return Response(begun, status=status.HTTP_201_CREATED)


def _begin(user: User, study: Study, asked: dict[str, Any]) -> dict[str, Any]:
    """Start what was asked for; one run is told as itself, those of a study as a list."""
    bundle = bundle_to_use(study=study, name=asked["bundle"])
    priority = PreScoreRun.Priority[asked["priority"].upper()]
    if not asked["whole_study"]:
        recordings = Recording.objects.of(user).filter(study=study)
        recording = get_or_404(recordings, pk=asked["recording"])
        run = begin_run(recording=recording, bundle=bundle, requested_by=user, priority=priority)
        return run_json(run, workers=gpu_workers())
    start = begin_study(study=study, bundle=bundle, requested_by=user, priority=priority)
    return {
        "runs": [run_json(run, workers=gpu_workers()) for run in start.runs],
        "left_out": [{"recording": r.pk, "reason": reason} for r, reason in start.left_out],
    }


class RunView(APIView):
    def get(self, request: Request, run_id: int) -> Response:
        return Response(run_json(visible_run(request, run_id), workers=gpu_workers()))


class RepliesView(APIView):
    """The raw replies of a run; with ?failed=1 those without a stage."""

    def get(self, request: Request, run_id: int) -> Response:
        replies = visible_run(request, run_id).replies.filter(superseded=False)
        if request.query_params.get("failed") == "1":
            replies = replies.exclude(fault="")
        return Response({"replies": [reply_json(reply) for reply in replies]})


class ChangeView(APIView):
    """One change of a run's state; which one is said in the URL configuration."""

    what = ""

    def post(self, request: Request, run_id: int) -> Response:
        run = visible_run(request, run_id)
        require(run.recording.study, signed_in(request), Role.LEAD)
        run = change_run(run=run, what=self.what)
        return Response(run_json(run, workers=gpu_workers()))


class PriorityView(APIView):
    def post(self, request: Request, run_id: int) -> Response:
        run = visible_run(request, run_id)
        require(run.recording.study, signed_in(request), Role.LEAD)
        form = PrioritySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        priority = PreScoreRun.Priority[form.validated_data["priority"].upper()]
        run = move_run(run=run, priority=priority)
        return Response(run_json(run, workers=gpu_workers()))
