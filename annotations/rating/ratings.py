"""Saving ratings, and a rater's own stage before them: never lost, never overwritten unseen."""

from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotations.rating.errors import (
    OwnStageFirstError,
    OwnStageNotAskedError,
    RatingClosedError,
    RatingFinalError,
)
from annotations.rating.models import DIMENSIONS, Rating, RatingRevision, RatingSlot, RatingStudy
from annotations.saving import Save, StaleError, one_save

NEEDS_COMMENT = 2

# What a rater says of one item.
RATING_FIELDS = (*DIMENSIONS, "cannot_judge", "comment")


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


def rating_json(rating: Rating | None) -> dict[str, Any]:
    """Return the rating by names; version 0 where there is none yet."""
    rating = rating or Rating(version=0)
    return {name: getattr(rating, name) for name in (*RATING_FIELDS, "complete", "version")}


@one_save
def rate(*, slot: RatingSlot, content: RatingContent, save: Save) -> RatingRevision:
    """Save the rating of one slot and return the revision that holds the answer.

    Raises
    ------
    ForeignClientUuidError, RatingClosedError, OwnStageFirstError, RatingFinalError, StaleError
    """
    locked = RatingSlot.objects.select_for_update().get(pk=slot.pk)
    # The slot belongs to one rater, so it says whose the save is too.
    if answered := save.first_answer(RatingRevision, slot_id=slot.pk):
        return answered
    if not RatingStudy.objects.filter(items__slots=slot, state=RatingStudy.State.OPEN).exists():
        raise RatingClosedError
    if locked.awaits_stage:
        raise OwnStageFirstError
    rating = Rating.objects.filter(slot=slot).first()
    if rating and locked.gold_shown_at:
        raise RatingFinalError(rating_json(rating))
    if save.is_stale(rating.version if rating else 0):
        raise stale_rating(rating, yours=asdict(content))
    revision = RatingRevision(
        slot=slot,
        version=save.version,
        client_uuid=save.client_uuid,
        after=asdict(content),
        shown=dict(save.shown),
        active_ms=save.active_ms,
    )
    _write(rating or Rating(slot=slot), content, revision)
    return revision


def stale_rating(rating: Rating | None, *, yours: dict[str, Any]) -> StaleError:
    what = "This rating was changed in another window. Nothing was overwritten."
    return StaleError(what, current=rating_json(rating), yours=yours)


def _write(rating: Rating, content: RatingContent, revision: RatingRevision) -> None:
    for name, value in revision.after.items():
        setattr(rating, name, value)
    rating.complete = not content.missing
    rating.version = revision.version
    rating.updated_at = revision.at
    rating.save()
    revision.save()


# A rater's own stage, given before the rationale is shown.


@transaction.atomic
def keep_own_stage(*, slot: RatingSlot, stage: str) -> RatingSlot:
    """Keep what the rater sees unaided. What was kept first stands, whatever comes later.

    Raises
    ------
    OwnStageNotAskedError, RatingClosedError
    """
    locked = RatingSlot.objects.select_for_update(of=("self",)).get(pk=slot.pk)
    if locked.own_stage is not None:
        return locked
    study = RatingStudy.objects.get(items__slots=slot)
    if study.state != RatingStudy.State.OPEN:
        raise RatingClosedError
    if not study.own_stage_first:
        raise OwnStageNotAskedError
    locked.own_stage = stage
    locked.own_staged_at = timezone.now()
    locked.save(update_fields=["own_stage", "own_staged_at"])
    return locked
