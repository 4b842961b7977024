"""Models over the API: what each is, who can run it, and a trial of it."""

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.scoring.models import OVERSEERS
from inference.api.serializers import bundle_json, check_json, promotion_json
from inference.entry import begin_check
from inference.models import ModelBundle
from inference.queries.promotions import promoted_bundle
from inference.queries.workers import gpu_workers
from studies.access import get_or_404, signed_in, study_for
from studies.models import Role


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
