"""Comments on an epoch: who may read them, writing one, resolving it."""

import re
import uuid

from django.db import transaction
from django.utils import timezone

from annotations.scoring.errors import ForeignClientUuidError, OutsideNightError
from annotations.scoring.models import EpochComment, Scoring
from annotations.visibility import readers_of, visible_comments
from studies.models import User


def mentions_of(user: User) -> list[EpochComment]:
    """Return the open comments that name `user`, where they may still read them."""
    found = visible_comments(user).filter(mentions=user, resolved_at=None)
    return list(found.select_related("author", "scoring__recording").order_by("-at"))


# Saying something about an epoch, naming people who may read it, and settling it.


MENTION = re.compile(r"(?<![\w@])@([\w.@+-]+)")


@transaction.atomic
def comment(
    *, scoring: Scoring, epoch: int, author: User, text: str, client_uuid: uuid.UUID
) -> EpochComment:
    """Add a comment; a replay of `client_uuid` returns the first one.

    `@username` names somebody only where they may open the scoring: to anybody else the
    comment stays unknown, and so does that the name exists.

    Raises
    ------
    OutsideNightError, ForeignClientUuidError
    """
    Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if known := EpochComment.objects.filter(client_uuid=client_uuid).first():
        if (known.scoring_id, known.author_id) != (scoring.pk, author.pk):
            raise ForeignClientUuidError
        return known
    if not 0 <= epoch < scoring.recording.epoch_count:
        raise OutsideNightError(f"The night has no epoch {epoch}.")
    made = EpochComment.objects.create(
        scoring=scoring, epoch=epoch, author=author, text=text, client_uuid=client_uuid
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
