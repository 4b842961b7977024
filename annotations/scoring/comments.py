"""Comments on an epoch: who may read them, writing one, resolving it."""

import re

from django.db import transaction
from django.utils import timezone

from annotations.saving import Save, one_save, refuse_outside
from annotations.scoring.models import EpochComment, Scoring
from annotations.visibility import readers_of, visible_comments
from studies.models import User


def mentions_of(user: User) -> list[EpochComment]:
    """Return the open comments that name `user`, where they may still read them."""
    found = visible_comments(user).filter(mentions=user, resolved_at=None)
    return list(found.select_related("author", "scoring__recording").order_by("-at"))


# Saying something about an epoch, naming people who may read it, and settling it.


MENTION = re.compile(r"(?<![\w@])@([\w.@+-]+)")


@one_save
def comment(*, scoring: Scoring, epoch: int, text: str, save: Save) -> EpochComment:
    """Add a comment. It has no version, and what is closed is commented on too.

    `@username` names somebody only where they may open the scoring: to anybody else the
    comment stays unknown, and so does that the name exists.

    Raises
    ------
    ForeignClientUuidError, OutsideNightError
    """
    Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    known = save.first_answer(
        EpochComment, scoring_id=scoring.pk, epoch=epoch, author_id=save.user.pk
    )
    if known:
        return known
    refuse_outside(epoch, scoring.recording)
    made = EpochComment.objects.create(
        scoring=scoring, epoch=epoch, author=save.user, text=text, client_uuid=save.client_uuid
    )
    made.mentions.set(named_in(text, readers_of(scoring)))
    return made


def named_in(text: str, people: list[User]) -> list[User]:
    """Return those of `people` whom the text names; a full stop after a name is not part of it."""
    names = {name for found in MENTION.findall(text) for name in (found, found.rstrip(".-+@"))}
    return [person for person in people if person.username in names]


@transaction.atomic
def resolve(*, comment: EpochComment, user: User, resolved: bool) -> EpochComment:
    """Settle a comment, or open it again. Doing the same twice keeps the first act."""
    comment = EpochComment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if resolved != (comment.resolved_at is not None):
        comment.resolved_at = timezone.now() if resolved else None
        comment.resolved_by = user if resolved else None
        comment.save(update_fields=["resolved_at", "resolved_by"])
    return comment
