"""Scorings that a person may open, and comments on them."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet

from annotations.exposure import OVERSEERS, people_rating, rated_recordings, same_nights
from annotations.scoring.models import EpochComment, Scoring
from annotations.visibility.nights import closed_recordings, unaided_recordings, unaided_scorings
from studies.models import Study, User


def visible_scorings(user: User) -> QuerySet[Scoring]:
    """Return the scorings that `user` may open: their own, and all of studies they oversee.

    Of a recording that is closed to an overseer they see nothing but their own scoring: until
    they have submitted it, or until the rating study with its texts is closed.
    """
    return _own_or_overseen(user, closed_recordings)


def checkable_scorings(user: User) -> QuerySet[Scoring]:
    """Return the scorings whose claims `user` may request: `why_claims_withheld` may refuse them.

    Overseers get the reason, instead of an empty answer, if they rate texts of the recording.
    """
    return _own_or_overseen(user, unaided_recordings)


def own_scorings(user: User) -> QuerySet[Scoring]:
    """Return the scorings of `user` in studies of which they are still a member."""
    return Scoring.objects.filter(_is_own(user))


def _is_own(user: User) -> Q:
    return Q(scorer__user_id=user.pk, recording__study__in=Study.objects.of(user))


def _own_or_overseen(user: User, closed: Callable[[User], set[int]]) -> QuerySet[Scoring]:
    """Return own scorings, and those that `user` oversees of recordings not `closed` to them.

    Most people oversee no study; of them nothing more is asked.
    """
    studies = list(Study.objects.of(user, *OVERSEERS).order_by().values_list("pk", flat=True))
    if not studies:
        return own_scorings(user)
    overseen = Q(recording__study__in=studies) & ~Q(recording__in=closed(user))
    return Scoring.objects.filter(_is_own(user) | overseen)


def readers_of(scoring: Scoring) -> list[User]:
    """Return the people who may open this scoring: its scorer, and overseers not kept blind."""
    nights = same_nights([scoring.recording_id])
    unaided = unaided_scorings().filter(recording__in=nights).exclude(scorer__user=None)
    study = scoring.recording.study_id
    members = User.objects.filter(memberships__study=study)
    overseers = (
        User.objects.filter(memberships__study=study, memberships__role__in=OVERSEERS)
        .exclude(pk__in=unaided.values("scorer__user"))
        .exclude(pk__in=people_rating(nights))
    )
    allowed = Q(pk__in=overseers.values("pk")) | Q(pk=scoring.scorer.user_id)
    return list(User.objects.filter(allowed, pk__in=members.values("pk")).order_by("username"))


def visible_comments(user: User) -> QuerySet[EpochComment]:
    """Return the comments on scorings that `user` may open, and on no others.

    While they rate texts of a recording they see no comment of others on it: a comment may quote.
    """
    quoting = Q(scoring__recording__in=rated_recordings(user)) & ~Q(author_id=user.pk)
    return EpochComment.objects.filter(scoring__in=visible_scorings(user)).exclude(quoting)
