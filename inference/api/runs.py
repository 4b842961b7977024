"""Runs over the API: start, watch, cancel, resume, retry, and read the raw replies."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.models.scoring import OVERSEERS
from inference.api.serializers import StartRunSerializer, bundle_json, reply_json, run_json
from inference.bundles import BundleError
from inference.entry import begin_run, change_run
from inference.models import ModelBundle, PreScoreRun
from inference.queries.progress import gpu_workers
from inference.services.bundles import find_bundle
from inference.services.runs import RunRefusedError
from recordings.models import Recording
from studies.access import get_or_404, require, signed_in, study_for
from studies.models import Role


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
        return Response({"runs": told})

    def post(self, request: Request, slug: str) -> Response:
        user = signed_in(request)
        study = study_for(user, slug, Role.LEAD)
        form = StartRunSerializer(data=request.data)
        if not form.is_valid():
            return _refused("This was not understood.", fields=form.errors)
        recordings = Recording.objects.of(user).filter(study=study)
        recording = get_or_404(recordings, pk=form.validated_data["recording"])
        try:
            bundle = find_bundle(form.validated_data["bundle"])
            run = begin_run(recording=recording, bundle=bundle, requested_by=user)
        except (BundleError, RunRefusedError) as refused:
            return _refused(str(refused))
        return Response(run_json(run, workers=gpu_workers()), status=status.HTTP_201_CREATED)


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
        try:
            run = change_run(run=run, what=self.what)
        except RunRefusedError as refused:
            return _refused(str(refused))
        return Response(run_json(run, workers=gpu_workers()))


class BundlesView(APIView):
    def get(self, request: Request, slug: str) -> Response:
        study_for(signed_in(request), slug, *OVERSEERS)
        return Response({"bundles": [bundle_json(b) for b in ModelBundle.objects.all()]})


def _refused(detail: str, **more: object) -> Response:
    code = status.HTTP_400_BAD_REQUEST if "fields" in more else status.HTTP_409_CONFLICT
    return Response({"detail": detail, **more}, status=code)
