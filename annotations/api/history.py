"""The history of one epoch: who changed what, when and why."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.models import EpochRevision, Scoring
from studies.access import get_or_404, signed_in

TOLD = ("stage", "rules", "rationale", "flags", "evidence")


class HistoryView(APIView):
    def get(self, request: Request, scoring_id: int, epoch: int) -> Response:
        """List the changes of one epoch, the newest first."""
        scorings = Scoring.objects.of(signed_in(request)).select_related("scorer")
        scoring = get_or_404(scorings, pk=scoring_id)
        revisions = scoring.revisions.filter(epoch=epoch).select_related("user", "lock")
        return Response(
            {
                "epoch": epoch,
                "revisions": [
                    revision_json(revision, scorer_label=scoring.scorer.label)
                    for revision in revisions.order_by("-version")
                ],
            }
        )


def revision_json(revision: EpochRevision, *, scorer_label: str) -> dict[str, Any]:
    """Return one change; what no person did is told under the name of the scorer.

    `took` is what of a suggestion was taken over, by a key; `first` marks an answer that was
    locked before the suggestion was seen.
    """
    return {
        "version": revision.version,
        "at": revision.at.isoformat(),
        "who": str(revision.user) if revision.user else scorer_label,
        "why": revision.why,
        "took": revision.shown.get("took"),
        "first": hasattr(revision, "lock"),
        "from": _told(revision.before),
        "to": _told(revision.after),
    }


def _told(content: dict[str, Any] | None) -> dict[str, Any] | None:
    return content and {name: content[name] for name in TOLD}
