"""The calibration round: reference scores after each rating, then the main round or the lead."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from annotations.rating.errors import NoGoldError, RatingClosedError, RatingUnfinishedError
from annotations.rating.models import (
    Rating,
    RatingGold,
    RatingItem,
    RatingRater,
    RatingSlot,
    RatingStudy,
)
from annotations.rating.notices import tell_admitted, tell_held
from annotations.rating.ratings import stale_rating
from annotations.visibility import calibration_slots_of
from psg.errors import RefusedError
from studies.audit import record
from studies.models import Act, User

WITHIN = 1


@dataclass(frozen=True)
class Calibration:
    """The progress of a rater in the calibration round."""

    seat: RatingRater
    items: int
    shown: int
    """Items whose reference scores were shown; their ratings are final."""
    met: int
    """Scores within 1 point of the reference scores."""
    total: int
    """Reference scores of the shown items."""

    @property
    def percent(self) -> float | None:
        return 100 * self.met / self.total if self.total else None

    @property
    def is_over(self) -> bool:
        return self.shown == self.items

    @property
    def is_met(self) -> bool:
        """Whether the pass mark is reached; a round without reference scores is passed."""
        return self.percent is None or self.percent >= self.pass_percent

    @property
    def pass_percent(self) -> int:
        return self.seat.rating_study.calibration_pass_percent

    @property
    def is_held(self) -> bool:
        """Whether the rater did not pass and waits for the lead."""
        return self.is_over and not self.seat.may_go_on


def calibration_of(seat: RatingRater) -> Calibration | None:
    """Return the progress of a rater; None without a calibration round."""
    mine = calibration_slots_of(seat.rater).filter(item__rating_study_id=seat.rating_study_id)
    slots = list(mine.select_related("item__gold", "rating"))
    if not slots:
        return None
    shown = [slot for slot in slots if slot.gold_shown_at]
    pairs = [met_and_total(slot.rating, slot.item.gold) for slot in shown]
    return Calibration(
        seat=seat,
        items=len(slots),
        shown=len(shown),
        met=sum(met for met, _ in pairs),
        total=sum(total for _, total in pairs),
    )


def calibrations_of(seats: Iterable[RatingRater]) -> list[Calibration]:
    """Return the progress of all raters with a calibration round."""
    return [calibration for seat in seats if (calibration := calibration_of(seat))]


def met_and_total(rating: Rating, gold: RatingGold) -> tuple[int, int]:
    """Count the scores within 1 point of the reference, and the reference scores.

    A rating "cannot judge" meets no reference score.
    """
    reference = gold.given_scores
    given = {name: getattr(rating, name) for name in reference}
    met = sum(
        given[name] is not None and abs(given[name] - score) <= WITHIN
        for name, score in reference.items()
    )
    return met, len(reference)


class AdmissionRefusedError(RefusedError):
    """The rater cannot be admitted now; the message gives the reason."""

    status = 409


@transaction.atomic
def show_gold(*, slot: RatingSlot, seen_version: int) -> Rating:
    """Make the rating of a calibration item final and return it; a repeat changes nothing.

    After the last item of the round, the rater enters the main round or waits for the lead.

    Raises
    ------
    NoGoldError, RatingClosedError, RatingUnfinishedError
    StaleError
        When the rating has moved on from `seen_version`.
    """
    locked = RatingSlot.objects.select_for_update(of=("self",)).get(pk=slot.pk)
    item = RatingItem.objects.select_related("rating_study", "gold").get(slots=slot)
    if not locked.is_calibration:
        raise NoGoldError
    rating: Rating | None = getattr(locked, "rating", None)
    if rating and locked.gold_shown_at:
        return rating
    if item.rating_study.state != RatingStudy.State.OPEN:
        raise RatingClosedError
    if rating is None or not rating.complete:
        raise RatingUnfinishedError
    if rating.version != seen_version:
        raise stale_rating(rating, yours={"version": seen_version})
    locked.gold_shown_at = timezone.now()
    locked.save(update_fields=["gold_shown_at"])
    _judge(item.rating_study, locked.rater_id)
    return rating


def _judge(rating_study: RatingStudy, rater_id: int) -> None:
    seat = RatingRater.objects.select_for_update().get(rating_study=rating_study, rater_id=rater_id)
    round_of_rater = calibration_of(seat)
    if round_of_rater is None or not round_of_rater.is_over:
        return
    if round_of_rater.is_met:
        seat.calibrated_at = timezone.now()
        seat.save(update_fields=["calibrated_at"])
    elif round_of_rater.is_held:
        tell_held(seat)


@transaction.atomic
def admit_rater(*, seat: RatingRater, user: User, reason: str) -> RatingRater:
    """Admit a rater who did not pass to the main round; user, time and reason are stored.

    Raises
    ------
    AdmissionRefusedError
    """
    seat = RatingRater.objects.select_for_update(of=("self",)).get(pk=seat.pk)
    if seat.may_go_on:
        raise AdmissionRefusedError(f"{seat.rater} is already in the main round.")
    calibration = calibration_of(seat)
    if calibration is None or not calibration.is_over:
        raise AdmissionRefusedError(f"{seat.rater} is still in the calibration round.")
    if not reason.strip():
        raise AdmissionRefusedError("Enter a reason. It is stored with the rating study.")
    seat.released_at = timezone.now()
    seat.released_by = user
    seat.release_reason = reason.strip()
    seat.save(update_fields=["released_at", "released_by", "release_reason"])
    record(
        Act.RATER_ADMITTED,
        user=user,
        study=seat.rating_study.study,
        person=seat.rater,
        about=f"in {seat.rating_study.title}",
        why=seat.release_reason,
    )
    tell_admitted(seat, by=user)
    return seat
