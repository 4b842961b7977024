"""Rating studies: who leads and rates them, and which items of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.exposure import known_items, overseen_studies
from annotations.rating.models import (
    RatingItem,
    RatingRater,
    RatingSlot,
    RatingStudy,
    RatingStudyQuerySet,
)
from annotations.visibility.nights import unaided_recordings
from studies.models import Role, Study, User


def rating_studies_led_by(user: User) -> RatingStudyQuerySet:
    return RatingStudy.objects.filter(study__in=Study.objects.of(user, Role.LEAD))


def recordings_of_items(rating_study: RatingStudy) -> QuerySet[RatingItem, int]:
    """Return the ids of the recordings of a rating study: whoever reads its texts reads theirs."""
    return rating_study.items.order_by().values_list("recording_id", flat=True).distinct()


def rating_studies_rated_by(user: User) -> RatingStudyQuerySet:
    """Return the open studies in which `user` is a rater and still blind.

    Whoever has come to oversee the study since its launch is not blind any more, and rates no
    more, also after that role has ended.
    """
    own_seats = RatingRater.objects.filter(rater_id=user.pk).values("rating_study_id")
    return RatingStudy.objects.filter(
        state=RatingStudy.State.OPEN,
        study__in=Study.objects.of(user, Role.RATER),
        pk__in=own_seats,
    ).exclude(study__in=overseen_studies(user))


def rating_slots_of(user: User, *, code: UUID | str | None = None) -> QuerySet[RatingSlot]:
    """Return the queue of `user`, or its slot with this code: of the studies they may rate now.

    The main round opens when the calibration round is passed, or when the lead admits the rater.
    Left out are items that they may not rate (any more), whenever that came about.
    """
    mine = slots_in_rated_studies(user)
    slots = mine.filter(code=code) if code else mine
    barred = _barred(user, slots, _waiting_calibration(user))
    admitted = RatingRater.objects.admitted().filter(
        rater_id=user.pk, rating_study=OuterRef("item__rating_study")
    )
    first_round = _calibration_slots(user, barred).filter(
        item__rating_study=OuterRef("item__rating_study")
    )
    is_first = Q(repeat=0, item__phase=RatingItem.Phase.CALIBRATION)
    open_now = is_first | Exists(admitted) | ~Exists(first_round)
    return slots.exclude(item__in=barred).filter(open_now)


def slots_in_rated_studies(user: User) -> QuerySet[RatingSlot]:
    """Return all slots of `user` in the studies that they may rate now, withheld ones as well."""
    # As ids, because the slots stand in other queries, for every item that is opened.
    studies = list(rating_studies_rated_by(user).values_list("pk", flat=True))
    return RatingSlot.objects.filter(rater_id=user.pk, item__rating_study__in=studies)


def barred_items(user: User, among: QuerySet[RatingItem]) -> set[int]:
    """Return the ids of the rating items that `user` must not rate.

    Those whose text they know from elsewhere, and those of recordings that they still score
    without help.
    """
    unaided = among.filter(recording__in=unaided_recordings(user))
    return known_items(user, among).union(unaided.values_list("pk", flat=True))


def without_barred(slots: QuerySet[RatingSlot], user: User) -> QuerySet[RatingSlot]:
    """Return those of the slots of `user` whose items they may rate."""
    return slots.exclude(item__in=_barred(user, slots))


def _barred(user: User, *queues: QuerySet[RatingSlot]) -> set[int]:
    items: set[int] = set()
    for slots in queues:
        items.update(slots.order_by().values_list("item_id", flat=True))
    return barred_items(user, RatingItem.objects.filter(pk__in=items)) if items else set()


def calibration_slots_of(user: User) -> QuerySet[RatingSlot]:
    """Return the calibration rounds of `user`, without items that are withheld before they end."""
    return _calibration_slots(user, _barred(user, _waiting_calibration(user)))


def _calibration_slots(user: User, barred: set[int]) -> QuerySet[RatingSlot]:
    slots = RatingSlot.objects.calibration().filter(rater_id=user.pk)
    return slots.exclude(gold_shown_at__isnull=True, item__in=barred)


def _waiting_calibration(user: User) -> QuerySet[RatingSlot]:
    return RatingSlot.objects.calibration().filter(rater_id=user.pk, gold_shown_at__isnull=True)


@dataclass(frozen=True)
class WithheldItems:
    """Items of a rating study that are withheld from a rater, by reason."""

    rater: User
    scored: int
    """Because the rater still scores their recordings without help."""
    known: int
    """Because the rater knows their texts from elsewhere."""


def withheld_items(rating_study: RatingStudy, raters: Iterable[User]) -> list[WithheldItems]:
    """Return what is withheld from each of `raters` who has items that are."""
    slots = RatingSlot.objects.filter(item__rating_study=rating_study).order_by()
    seated = set(slots.values_list("rater_id", flat=True).distinct())
    withheld = (_withheld_from(rater, rating_study) for rater in raters if rater.pk in seated)
    return [items for items in withheld if items.scored or items.known]


def _withheld_from(rater: User, rating_study: RatingStudy) -> WithheldItems:
    items = rating_study.items.filter(slots__rater_id=rater.pk).distinct()
    unaided = items.filter(recording__in=unaided_recordings(rater))
    scored = set(unaided.values_list("pk", flat=True))
    known = known_items(rater, items) - scored
    return WithheldItems(rater, scored=len(scored), known=len(known))


def eligible_raters(study: Study) -> list[User]:
    """Return the raters who cannot look sources up, and never could.

    Whoever oversees the scorings of a study, or once did, is not blind.
    """
    raters = User.objects.filter(
        is_active=True, memberships__study=study, memberships__role=Role.RATER
    )
    return [user for user in raters.order_by("username") if not could_oversee(user, study)]


def could_oversee(user: User, study: Study) -> bool:
    """Return whether `user` may read all scorings of a study, or once could."""
    return study.pk in overseen_studies(user)


def blind_rating_studies() -> QuerySet[RatingStudy]:
    """Return the studies whose raters must not learn yet who wrote what, nor will in a moment."""
    launched = RatingStudy.objects.exclude(state=RatingStudy.State.DRAFT)
    return launched.filter(unblinded_at__isnull=True)
