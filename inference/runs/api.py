"""API of runs: start, progress, changes, priority and replies."""

from dataclasses import asdict, dataclass

from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.visibility import OVERSEERS
from inference.bundles.reading import MOST_REPLIES
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
from psg.typed_json import JsonObject
from recordings.models import Recording
from studies.access import get_or_404, require, signed_in, study_for
from studies.audit import record_download
from studies.models import Role, Study, User


class StartRunSerializer(serializers.Serializer):
    """A recording or `whole_study`, so that a missing recording never starts the whole study.

    Without `bundle` the default model of the study is used, and without `best_of` the number of
    replies that the model sets.
    """

    recording = serializers.IntegerField(min_value=1, required=False)
    whole_study = serializers.BooleanField(default=False)
    bundle = serializers.CharField(max_length=63, required=False, default="")
    priority = serializers.ChoiceField(PRIORITIES, default="normal")
    best_of = serializers.IntegerField(min_value=0, max_value=MOST_REPLIES, default=0)

    def validate(self, attrs: JsonObject) -> JsonObject:
        if attrs["whole_study"] == ("recording" in attrs):
            raise serializers.ValidationError("Name a recording, or set whole_study.")
        return attrs


@dataclass(frozen=True)
class StartRequest:
    """A valid request to start a run or, with ``whole_study``, all runs of a study."""

    whole_study: bool
    bundle: str
    priority: str
    best_of: int
    recording: int | None = None


class PrioritySerializer(serializers.Serializer):
    priority = serializers.ChoiceField(PRIORITIES)


def run_json(run: PreScoreRun, *, workers: GpuWorkers) -> JsonObject:
    progress = progress_of(run, workers=workers)
    return {
        "id": run.pk,
        "recording": run.recording_id,
        "bundle": run.bundle.name,
        "scoring": run.scoring_id,
        "attempt": run.attempt,
        "priority": run.get_priority_display().lower(),
        "best_of": run.best_of,
        **asdict(progress),
        "rate": progress.rate,
        "left": progress.left,
        "started_at": run.started_at,
        "heartbeat_at": run.heartbeat_at,
        "finished_at": run.finished_at,
    }


def study_json(progress: StudyProgress) -> JsonObject:
    words = {"label": progress.label, "rate": progress.rate, "left": progress.left}
    return {**asdict(progress), "left_s": progress.left_s, **words}


def reply_json(reply: Reply) -> JsonObject:
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
        "best_of": reply.best_of,
        "grounding": reply.grounding,
        "contradicted": reply.contradicted,
        "grounding_note": reply.grounding_note,
    }


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
        shown = [run_json(run, workers=workers) for run in runs.select_related("bundle")]
        return Response({"runs": shown, "progress": study_json(study_progress(runs))})

    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        study = study_for(user, slug, Role.LEAD)
        form = StartRunSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        begun = _begin(user, study, StartRequest(**form.validated_data))
        return Response(begun, status=status.HTTP_201_CREATED)


def _begin(user: User, study: Study, start: StartRequest) -> JsonObject:
    """Start a run or, for `whole_study`, all runs of a study; return a run or a list of runs."""
    bundle = bundle_to_use(study=study, name=start.bundle)
    priority = PreScoreRun.Priority[start.priority.upper()]
    if not start.whole_study:
        recordings = Recording.objects.of(user).filter(study=study)
        recording = get_or_404(recordings, pk=start.recording)
        run = begin_run(
            recording=recording,
            bundle=bundle,
            requested_by=user,
            priority=priority,
            best_of=start.best_of,
        )
        return run_json(run, workers=gpu_workers())
    started = begin_study(
        study=study, bundle=bundle, requested_by=user, priority=priority, best_of=start.best_of
    )
    return {
        "runs": [run_json(run, workers=gpu_workers()) for run in started.runs],
        "left_out": [{"recording": r.pk, "reason": reason} for r, reason in started.left_out],
    }


class RunView(APIView):
    def get(self, request: Request, run_id: int) -> Response:
        return Response(run_json(visible_run(request, run_id), workers=gpu_workers()))


class RepliesView(APIView):
    """The raw replies of a run; with ?failed=1 those without a stage."""

    def get(self, request: Request, run_id: int) -> Response:
        run = visible_run(request, run_id)
        record_download(
            request,
            study=run.recording.study,
            about=f"replies of {run.bundle} on recording {run.recording_id} (JSON)",
            details={"recording": run.recording_id},
        )
        replies = run.replies.filter(superseded=False)
        if request.query_params.get("failed") == "1":
            replies = replies.exclude(fault="")
        return Response({"replies": [reply_json(reply) for reply in replies]})


class ChangeView(APIView):
    """Change the state of a run; the URL configuration sets the change, `what`."""

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
