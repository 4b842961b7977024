"""Saving ratings, and a rater's own stage before them: never lost, never overwritten unseen."""

import uuid
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotations.rating.errors import StaleRatingError
from annotations.rating.models import DIMENSIONS, Rating, RatingRevision, RatingSlot, RatingStudy
from annotations.scoring.errors import ForeignClientUuidError

NEEDS_COMMENT = 2


class RatingClosedError(Exception):
    """The study takes no more ratings."""


class OwnStageFirstError(Exception):
    """The rater's own stage comes before the rationale, and so before its scores."""


class RatingUnfinishedError(Exception):
    """Something is missing of a rating that is to be fixed."""


class RatingFinalError(Exception):
    """The gold was shown, so the rating stands as it was given."""

    def __init__(self, current: Rating) -> None:
        super().__init__("The gold was shown: this rating stands.")
        self.current = current


@dataclass(frozen=True)
class RatingContent:
    """Scores from 1 to 5 by dimension, None where not given yet."""

    factual_accuracy: int | None = None
    evidence_comprehensiveness: int | None = None
    logical_coherence: int | None = None
    cannot_judge: bool = False
    comment: str = ""

    @property
    def missing(self) -> list[str]:
        """Name what still has to be given; a rating counts once nothing is."""
        if self.cannot_judge:
            return []
        scores = {name: getattr(self, name) for name in DIMENSIONS}
        names = [name for name, score in scores.items() if score is None]
        is_low = any(score is not None and score <= NEEDS_COMMENT for score in scores.values())
        return [*names, "comment"] if is_low and not self.comment.strip() else names


@transaction.atomic
def rate(
    *,
    slot: RatingSlot,
    content: RatingContent,
    seen_version: int,
    client_uuid: uuid.UUID,
    shown: dict[str, Any] | None = None,
    active_ms: int = 0,
) -> RatingRevision:
    """Save the rating of one slot and return the revision that holds the answer.

    With it is kept how the client says the signal was `shown`. A replay of `client_uuid` returns
    its first answer and changes nothing.

    Raises
    ------
    StaleRatingError
        When the rating has moved on from `seen_version`.
    RatingClosedError, OwnStageFirstError, RatingFinalError, ForeignClientUuidError
    """
    locked = RatingSlot.objects.select_for_update().get(pk=slot.pk)
    if answered := RatingRevision.objects.filter(client_uuid=client_uuid).first():
        if answered.slot_id != slot.pk:
            raise ForeignClientUuidError
        return answered
    if not RatingStudy.objects.filter(items__slots=slot, state=RatingStudy.State.OPEN).exists():
        raise RatingClosedError
    if locked.awaits_stage:
        raise OwnStageFirstError
    rating = Rating.objects.filter(slot=slot).first()
    if rating and locked.gold_shown_at:
        raise RatingFinalError(rating)
    if (rating.version if rating else 0) != seen_version:
        raise StaleRatingError(rating)
    revision = RatingRevision(
        slot=slot,
        version=seen_version + 1,
        client_uuid=client_uuid,
        after=asdict(content),
        shown=shown or {},
        active_ms=active_ms,
    )
    _write(rating or Rating(slot=slot), content, revision)
    return revision


def _write(rating: Rating, content: RatingContent, revision: RatingRevision) -> None:
    for name, value in revision.after.items():
        setattr(rating, name, value)
    rating.complete = not content.missing
    rating.version = revision.version
    rating.updated_at = revision.at
    rating.save()
    revision.save()


# A rater's own stage, given before the rationale is shown.


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
