"""What a member has open in a study, and what becomes of it when a role is removed."""

from dataclasses import dataclass

from django.db.models import Q

from annotations.exposure import OVERSEERS
from annotations.rating.models import RatingSlot, RatingStudy
from annotations.scoring.models import Scoring
from studies.models import Membership, Role


@dataclass(frozen=True)
class Removal:
    """What is known before a member loses a role."""

    open_scorings: int
    items_to_rate: int
    other_roles: list[str]
    is_last_lead: bool
    ends_rating: bool
    """Whether the role let the person read all scorings, so that they never rate here."""


def removal_of(membership: Membership) -> Removal:
    """Return what `membership.user` has open, as far as it rests on this role."""
    study, user, role = membership.study, membership.user, Role(membership.role)
    others = study.memberships.filter(user=user).exclude(pk=membership.pk)
    leads = study.memberships.filter(role=Role.LEAD, user__is_active=True)
    scorings = Scoring.objects.filter(
        recording__study=study, scorer__user=user, state=Scoring.State.OPEN
    )
    slots = RatingSlot.objects.filter(
        ~Q(rating__complete=True) | Q(rating__isnull=True),
        rater=user,
        item__rating_study__study=study,
        item__rating_study__state=RatingStudy.State.OPEN,
    )
    return Removal(
        open_scorings=scorings.count() if role == Role.ANNOTATOR or not others else 0,
        items_to_rate=slots.count() if role == Role.RATER else 0,
        other_roles=[other.get_role_display().lower() for other in others],
        is_last_lead=role == Role.LEAD and not leads.exclude(pk=membership.pk).exists(),
        ends_rating=role in OVERSEERS,
    )
