"""Who may read what is said about a scoring, and what was said to whom."""

from django.db.models import Q

from annotations.models import EpochComment, Scoring
from annotations.models.scoring import OVERSEERS, UNAIDED
from studies.models import User


def readers(scoring: Scoring) -> list[User]:
    """Return the people who may open this scoring: its scorer, and overseers not kept blind."""
    blinded = Scoring.objects.filter(
        recording=scoring.recording_id, state=Scoring.State.OPEN, mode__in=UNAIDED
    ).exclude(scorer__user=None)
    study = scoring.recording.study_id
    members = User.objects.filter(memberships__study=study)
    overseers = User.objects.filter(
        memberships__study=study, memberships__role__in=OVERSEERS
    ).exclude(pk__in=blinded.values("scorer__user"))
    allowed = Q(pk__in=overseers.values("pk")) | Q(pk=scoring.scorer.user_id)
    return list(User.objects.filter(allowed, pk__in=members.values("pk")).order_by("username"))


def mentions_of(user: User) -> list[EpochComment]:
    """Return the open comments that name `user`, where they may still read them."""
    found = EpochComment.objects.of(user).filter(mentions=user, resolved_at=None)
    return list(found.select_related("author", "scoring__recording").order_by("-at"))
