"""The calibration round: gold after each rating, and the main round once enough of it was met."""

from django.db import transaction
from django.utils import timezone

from annotations.models import RatingGold, RatingItem, RatingRater, RatingSlot, RatingStudy
from annotations.queries.rating.calibration import calibration_of
from annotations.services.errors import StaleRatingError
from annotations.services.rating.ratings import RatingClosedError, RatingUnfinishedError
from studies.models import User


class NoGoldError(Exception):
    """The item is none of the calibration round: its rater is shown no gold."""


class ReleaseRefusedError(Exception):
    """The rater does not wait to be let on; the message says why."""


@transaction.atomic
def show_gold(*, slot: RatingSlot, seen_version: int) -> RatingGold:
    """Fix the rating of a calibration item and return what it deserves.

    With the last item of the round, the rater is let into the main round or held.

    Raises
    ------
    NoGoldError, RatingClosedError, RatingUnfinishedError
    StaleRatingError
        When the rating has moved on from `seen_version`.
    """
    locked = RatingSlot.objects.select_for_update(of=("self",)).get(pk=slot.pk)
    item = RatingItem.objects.select_related("rating_study", "gold").get(slots=slot)
    if item.rating_study.state != RatingStudy.State.OPEN:
        raise RatingClosedError
    if not locked.is_calibration:
        raise NoGoldError
    rating = getattr(locked, "rating", None)
    if rating is None or not rating.complete:
        raise RatingUnfinishedError
    if locked.gold_shown_at is None:
        if rating.version != seen_version:
            raise StaleRatingError(rating)
        locked.gold_shown_at = timezone.now()
        locked.save(update_fields=["gold_shown_at"])
        _judge(item.rating_study, locked.rater_id)
    return item.gold


def _judge(rating_study: RatingStudy, rater_id: int) -> None:
    seat = RatingRater.objects.select_for_update().get(rating_study=rating_study, rater_id=rater_id)
    round_of_rater = calibration_of(seat)
    if round_of_rater and round_of_rater.is_over and round_of_rater.is_met:
        seat.calibrated_at = timezone.now()
        seat.save(update_fields=["calibrated_at"])


@transaction.atomic
def release_rater(*, seat: RatingRater, user: User, reason: str) -> RatingRater:
    """Let a rater into the main round who missed the threshold. Who did it, when and why, is kept.

    Raises
    ------
    ReleaseRefusedError
    """
    seat = RatingRater.objects.select_for_update(of=("self",)).get(pk=seat.pk)
    if seat.may_go_on:
        raise ReleaseRefusedError(f"{seat.rater} is in the main round already.")
    found = calibration_of(seat)
    if found is None or not found.is_over:
        raise ReleaseRefusedError(f"{seat.rater} is still in the calibration round.")
    if not reason.strip():
        raise ReleaseRefusedError("Say why: the reason is kept with the study.")
    seat.released_at = timezone.now()
    seat.released_by = user
    seat.release_reason = reason.strip()
    seat.save(update_fields=["released_at", "released_by", "release_reason"])
    return seat
