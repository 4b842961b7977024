"""Comments on epochs: listing, writing and resolving them."""

import re

from django.db import transaction
from django.utils import timezone

from annotations.saving import Save, atomic_save, refuse_outside
from annotations.scoring.models import EpochComment, Scoring
from annotations.scoring.notices import tell_mentioned
from annotations.visibility import readers_of, visible_comments
from studies.models import User


def mentions_of(user: User) -> list[EpochComment]:
    """Return the open comments that name `user`, if the user may still read them."""
    comments = visible_comments(user).filter(
        mentions=user, resolved_at=None, scoring__recording__study__archived_at=None
    )
    return list(comments.select_related("author", "scoring__recording").order_by("-at"))


MENTION = re.compile(r"(?<![\w@])@([\w.@+-]+)")


@atomic_save
def comment(*, scoring: Scoring, epoch: int, text: str, save: Save) -> EpochComment:
    """Add a comment to an epoch of an open or a closed scoring. Comments have no version.

    `@username` mentions a person only if they may open the scoring. A name of anybody else is
    kept as plain text, so that a comment does not show which names exist.

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
    mentioned = named_in(text, readers_of(scoring))
    made.mentions.set(mentioned)
    tell_mentioned(made, mentioned)
    return made


def named_in(text: str, people: list[User]) -> list[User]:
    """Return the mentioned people; a full stop after a name is not part of the name."""
    names = {name for word in MENTION.findall(text) for name in (word, word.rstrip(".-+@"))}
    return [person for person in people if person.username in names]


@transaction.atomic
def resolve(*, comment: EpochComment, user: User, resolved: bool) -> EpochComment:
    """Resolve a comment, or open it again. If repeated, the first time and user are kept."""
    comment = EpochComment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if resolved != (comment.resolved_at is not None):
        comment.resolved_at = timezone.now() if resolved else None
        comment.resolved_by = user if resolved else None
        comment.save(update_fields=["resolved_at", "resolved_by"])
    return comment
