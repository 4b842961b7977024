"""A rater's own stage, given before the rationale is shown."""

from django.db import transaction
from django.utils import timezone

from annotations.models import RatingSlot, RatingStudy
from annotations.services.rating.ratings import RatingClosedError


class OwnStageNotAskedError(Exception):
    """Raters of this study do not stage epochs."""


@transaction.atomic
def keep_own_stage(*, slot: RatingSlot, stage: str) -> RatingSlot:
    """Keep what the rater sees unaided. What was kept first stands, whatever comes later.

    Raises
    ------
    OwnStageNotAskedError, RatingClosedError
    """
    locked = RatingSlot.objects.select_for_update(of=("self",)).get(pk=slot.pk)
    study = RatingStudy.objects.get(items__slots=slot)
    if study.state != RatingStudy.State.OPEN:
        raise RatingClosedError
    if not study.own_stage_first:
        raise OwnStageNotAskedError
    if locked.own_stage is None:
        locked.own_stage = stage
        locked.own_staged_at = timezone.now()
        locked.save(update_fields=["own_stage", "own_staged_at"])
    return locked
