"""The API of models: the list of a study, and checks of a bundle."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.visibility import OVERSEERS
from inference.models import BundleCheck, ModelBundle, PreScoreRun, Promotion
from inference.registry.promotions import promoted_bundle
from inference.runs.entry import begin_check
from inference.runs.reading import GpuWorkers, gpu_workers
from psg.typed_json import JsonObject
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role

PRIORITIES = [name.lower() for name in PreScoreRun.Priority.names]


def check_json(check: BundleCheck) -> JsonObject:
    return {"state": check.state, "finished_at": check.finished_at, **check.report}


def promotion_json(decision: Promotion) -> JsonObject:
    return {
        "bundle": decision.bundle_id,
        "decision": decision.decision,
        "reason": decision.reason,
        "by": str(decision.user or ""),
        "at": decision.at,
    }


def bundle_json(bundle: ModelBundle, *, workers: GpuWorkers) -> JsonObject:
    return {
        "id": bundle.pk,
        "name": bundle.name,
        "version": bundle.version,
        "title": bundle.title,
        "adapter": bundle.adapter,
        "track": bundle.track,
        "licence": bundle.licence,
        "stage_only": bundle.is_stage_only,
        "runnable": workers.can_run(bundle),
        "workers": workers.able[bundle.adapter],
        "install_hint": bundle.install_hint,
        "renderer_version": bundle.renderer_version,
        "prompt_sha256": bundle.prompt_sha256,
        "weights_sha256": bundle.weights_sha256,
        "measured": bundle.measured,
        "check": check_json(check) if (check := bundle.checks.first()) else None,
    }


class BundlesView(APIView):
    def get(self, request: Request, slug: str) -> Response:
        study = study_for(signed_in(request), slug, *OVERSEERS)
        workers = gpu_workers()
        bundles = [bundle_json(bundle, workers=workers) for bundle in ModelBundle.objects.all()]
        promoted = promoted_bundle(study)
        decisions = study.promotions.select_related("user")
        return Response(
            {
                "bundles": bundles,
                "promoted": promoted.pk if promoted else None,
                "decisions": [promotion_json(decision) for decision in decisions],
            }
        )


class CheckView(APIView):
    def post(self, request: Request, slug: str, bundle_id: int) -> Response:
        user = signed_in(request)
        study_for(user, slug, Role.LEAD)
        bundle = get_or_404(ModelBundle.objects.all(), pk=bundle_id)
        check = begin_check(bundle=bundle, requested_by=user)
        return Response(check_json(check), status=status.HTTP_201_CREATED)
