"""Ending an adjudication without a consensus: its originals can be opened again."""

from django.db import transaction
from django.utils import timezone

from annotations.models import Adjudication, AdjudicationSide, Scoring, ScoringEvent
from annotations.services.errors import AdjudicationFinishedError, AdjudicationRefusedError
from studies.models import User


@transaction.atomic
def discard_adjudication(*, adjudication: Adjudication, user: User, reason: str) -> Adjudication:
    """Give an adjudication up. Its decisions are kept; originals it alone locked are unlocked.

    Raises
    ------
    AdjudicationFinishedError, AdjudicationRefusedError
    """
    adjudication = Adjudication.objects.select_for_update(of=("self",)).get(pk=adjudication.pk)
    if not adjudication.is_open:
        raise AdjudicationFinishedError(adjudication)
    if not reason.strip():
        raise AdjudicationRefusedError("Say why: the reason is kept with the adjudication.")
    adjudication.state = Adjudication.State.DISCARDED
    adjudication.finished_at = timezone.now()
    adjudication.discarded_by = user
    adjudication.discard_reason = reason.strip()
    adjudication.save(update_fields=["state", "finished_at", "discarded_by", "discard_reason"])
    _unlock(adjudication)
    return adjudication


def _unlock(adjudication: Adjudication) -> None:
    """Unlock the originals that no other adjudication needs, and say so in their history."""
    originals = (
        Scoring.objects.select_for_update(of=("self",))
        .filter(adjudicated_as__adjudication=adjudication, state=Scoring.State.LOCKED)
        .order_by("pk")
    )
    ids = [scoring.pk for scoring in originals]
    needed = AdjudicationSide.objects.filter(scoring__in=ids).exclude(
        adjudication__state=Adjudication.State.DISCARDED
    )
    freed = set(ids).difference(needed.values_list("scoring_id", flat=True))
    Scoring.objects.filter(pk__in=freed).update(state=Scoring.State.SUBMITTED)
    ScoringEvent.objects.bulk_create(
        ScoringEvent(
            scoring_id=scoring_id,
            kind=ScoringEvent.Kind.UNLOCKED,
            user=adjudication.discarded_by,
            reason=adjudication.discard_reason,
        )
        for scoring_id in sorted(freed)
    )
