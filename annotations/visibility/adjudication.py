"""Adjudications that a person may settle or discard."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from annotations.adjudication.models import Adjudication, AdjudicationSide
from annotations.visibility.nights import closed_recordings, rates_texts_of, unaided_recordings
from recordings.models import Recording
from studies.models import Role, Study, User


def adjudications_to_settle(user: User) -> QuerySet[Adjudication]:
    """Return the adjudications that `user` may settle.

    None of nights that are closed to them, and none in which they are a side.
    """
    own_sides = AdjudicationSide.objects.filter(scoring__scorer__user_id=user.pk)
    return (
        Adjudication.objects.filter(recording__study__in=Study.objects.of(user, Role.ADJUDICATOR))
        .exclude(recording__in=closed_recordings(user))
        .exclude(pk__in=own_sides.values("adjudication_id"))
    )


def why_not_adjudicated(recording: Recording, user: User) -> str | None:
    """Return why a person cannot settle the scorings of a recording; None if they can."""
    if recording.pk in unaided_recordings(user):
        return "You still score this recording without help, so another adjudicator must settle it."
    if rates_texts_of(recording.pk, user):
        return "You rate texts of this recording, so another adjudicator must settle it."
    return None


def adjudications_to_discard(user: User) -> QuerySet[Adjudication]:
    """Return the adjudications that `user` may discard: those they settle, and those they lead.

    A lead sees every scoring of the night anyway, unless it is closed to them.
    """
    led = Q(recording__study__in=Study.objects.of(user, Role.LEAD))
    settled = Q(pk__in=adjudications_to_settle(user).values("pk"))
    return Adjudication.objects.filter(led | settled).exclude(recording__in=closed_recordings(user))
