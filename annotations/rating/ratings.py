"""Saving ratings, and the stage that a rater gives before the rationale is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotations.rating.errors import (
    OwnStageFirstError,
    OwnStageNotRequestedError,
    RatingClosedError,
    RatingFinalError,
)
from annotations.rating.models import DIMENSIONS, Rating, RatingRevision, RatingSlot, RatingStudy
from annotations.saving import Save, StaleError, atomic_save

NEEDS_COMMENT = 2

# The fields of a rating.
RATING_FIELDS = (*DIMENSIONS, "cannot_judge", "comment")


@dataclass(frozen=True)
class RatingContent:
    """The content of a rating: scores from 1 to 5 by dimension, None where not given yet."""

    scores: Mapping[str, int | None]
    cannot_judge: bool = False
    comment: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "RatingContent":
        """Read `RATING_FIELDS`; a dimension that is newer than `fields` has no score."""
        scores = {name: fields.get(name) for name in DIMENSIONS}
        return cls(scores, fields["cannot_judge"], fields["comment"])

    def as_json(self) -> dict[str, object]:
        return {**self.scores, "cannot_judge": self.cannot_judge, "comment": self.comment}

    @property
    def missing(self) -> list[str]:
        """The names of the fields that are missing; a rating is complete when none is."""
        if self.cannot_judge:
            return []
        names = [name for name, score in self.scores.items() if score is None]
        is_low = any(score is not None and score <= NEEDS_COMMENT for score in self.scores.values())
        return [*names, "comment"] if is_low and not self.comment.strip() else names


def rating_json(rating: Rating | None) -> dict[str, object]:
    """Return the `RATING_FIELDS`, completeness and version; version 0 if there is no rating."""
    rating = rating or Rating(version=0)
    return {name: getattr(rating, name) for name in (*RATING_FIELDS, "complete", "version")}


@atomic_save
def rate(*, slot: RatingSlot, content: RatingContent, save: Save) -> RatingRevision:
    """Save the rating of a slot and return its revision.

    Raises
    ------
    ForeignClientUuidError, RatingClosedError, OwnStageFirstError, RatingFinalError, StaleError
    """
    locked = RatingSlot.objects.select_for_update().get(pk=slot.pk)
    # A slot belongs to a single rater, so it also identifies the author of the save.
    if known := save.first_answer(RatingRevision, slot_id=slot.pk):
        return known
    if not RatingStudy.objects.filter(items__slots=slot, state=RatingStudy.State.OPEN).exists():
        raise RatingClosedError
    if locked.awaits_stage:
        raise OwnStageFirstError
    rating = Rating.objects.filter(slot=slot).first()
    if rating and locked.gold_shown_at:
        raise RatingFinalError(rating_json(rating))
    if save.is_stale(rating.version if rating else 0):
        raise stale_rating(rating, yours=content.as_json())
    revision = RatingRevision(
        slot=slot,
        version=save.version,
        client_uuid=save.client_uuid,
        after=content.as_json(),
        shown=dict(save.shown),
        active_ms=save.active_ms,
    )
    _write(rating or Rating(slot=slot), content, revision)
    return revision


def stale_rating(rating: Rating | None, *, yours: Mapping[str, object]) -> StaleError:
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


@transaction.atomic
def keep_own_stage(*, slot: RatingSlot, stage: str) -> RatingSlot:
    """Store the stage that a rater gives before the rationale is shown. A second stage is ignored.

    Raises
    ------
    OwnStageNotRequestedError, RatingClosedError
    """
    locked = RatingSlot.objects.select_for_update(of=("self",)).get(pk=slot.pk)
    if locked.own_stage is not None:
        return locked
    study = RatingStudy.objects.get(items__slots=slot)
    if study.state != RatingStudy.State.OPEN:
        raise RatingClosedError
    if not study.own_stage_first:
        raise OwnStageNotRequestedError
    locked.own_stage = stage
    locked.own_staged_at = timezone.now()
    locked.save(update_fields=["own_stage", "own_staged_at"])
    return locked
