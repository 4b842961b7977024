"""The life of a rating study once it is drawn: frozen and launched, rated, closed, unblinded."""

from django.db import transaction
from django.utils import timezone

from annotations.models import RatingSlot, RatingStudy, RatingStudyEvent
from annotations.services.rating.design import RatingDesignError, check_raters
from annotations.services.rating.drafts import locked_draft
from annotations.services.rating.freezing import freeze_signals
from annotations.services.rating.seats import seating_of, slots_of_seating
from studies.models import User

State = RatingStudy.State
Kind = RatingStudyEvent.Kind


@transaction.atomic
def launch_rating_study(*, rating_study: RatingStudy, user: User | None) -> RatingStudy:
    """Freeze image and signal of every item and give every rater a queue.

    Raises
    ------
    RatingDesignError
        When gold scores are missing, or a rater is not blind any more.
    """
    rating_study = locked_draft(rating_study)
    seating = seating_of(rating_study)
    check_raters(rating_study.study, seating.raters)
    without_gold = sum(not hasattr(item, "gold") for item in seating.calibration)
    if without_gold:
        raise RatingDesignError(
            f"{without_gold} of {len(seating.calibration)} calibration items have no gold scores."
        )
    freeze_signals([*seating.calibration, *seating.items])
    RatingSlot.objects.bulk_create(slots_of_seating(seating, rating_study))
    rating_study.state = State.OPEN
    rating_study.launched_at = timezone.now()
    rating_study.save(update_fields=["state", "launched_at"])
    RatingStudyEvent.objects.create(rating_study=rating_study, kind=Kind.LAUNCHED, user=user)
    return rating_study


@transaction.atomic
def close_rating_study(*, rating_study: RatingStudy, user: User | None) -> RatingStudy:
    """End the rating; what was rated stays, and nothing more is taken."""
    rating_study = RatingStudy.objects.select_for_update(of=("self",)).get(pk=rating_study.pk)
    if rating_study.state == State.OPEN:
        rating_study.state = State.CLOSED
        rating_study.save(update_fields=["state"])
        RatingStudyEvent.objects.create(rating_study=rating_study, kind=Kind.CLOSED, user=user)
    return rating_study


class UnblindRefusedError(Exception):
    """The sources stay hidden; the message says why."""


@transaction.atomic
def unblind(*, rating_study: RatingStudy, user: User, reason: str) -> RatingStudy:
    """Close the study and show its sources from now on. Who did it first, when and why, is kept.

    Raises
    ------
    UnblindRefusedError
    """
    rating_study = RatingStudy.objects.select_for_update(of=("self",)).get(pk=rating_study.pk)
    if rating_study.is_draft:
        raise UnblindRefusedError("A draft has no ratings to unblind.")
    if not reason.strip():
        raise UnblindRefusedError("Say why: the reason is kept with the study.")
    if rating_study.unblinded_at is None:
        rating_study = close_rating_study(rating_study=rating_study, user=user)
        event = RatingStudyEvent.objects.create(
            rating_study=rating_study, kind=Kind.UNBLINDED, user=user, reason=reason.strip()
        )
        rating_study.unblinded_at = event.at
        rating_study.unblinded_by = user
        rating_study.unblind_reason = event.reason
        rating_study.save(update_fields=["unblinded_at", "unblinded_by", "unblind_reason"])
    return rating_study
