"""The life of a rating study once it is launched: rated, closed, unblinded."""

from django.db import transaction

from annotations.models import RatingStudy, RatingStudyEvent
from studies.models import User

State = RatingStudy.State
Kind = RatingStudyEvent.Kind


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
    if not rating_study.is_launched:
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
