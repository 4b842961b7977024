"""Who had a hand in the words of an item: nobody rates what they wrote."""

from collections import defaultdict
from collections.abc import Sequence

from annotations.models import EpochRevision, EpochScore, RatingItem
from studies.models import User

Why = EpochRevision.Why
WRITTEN_BY_HAND = (Why.EDIT, Why.UNDO, Why.REDO, Why.CONSENSUS)


def writers_of(items: Sequence[RatingItem], *, among: Sequence[User]) -> dict[int, set[int]]:
    """Return those `among` users, by item, who scored its source, changed it, or wrote the same.

    The last finds words that were carried over: into a consensus, or into a copy for review.
    Items come with their `source__scoring__scorer`.
    """
    users = {user.pk for user in among}
    edited, same = _editors(items, users), _wrote_the_same(items, users)
    return {
        item.pk: users.intersection([item.source.scoring.scorer.user_id or 0])
        .union(edited[item.source.scoring_id, item.source.epoch])
        .union(same[item.recording_id, item.source.epoch, _words(item.rationale)])
        for item in items
    }


def _editors(items: Sequence[RatingItem], users: set[int]) -> dict[tuple[int, int], set[int]]:
    found: dict[tuple[int, int], set[int]] = defaultdict(set)
    rows = EpochRevision.objects.filter(
        scoring__in={item.source.scoring_id for item in items},
        epoch__in={item.source.epoch for item in items},
        why__in=WRITTEN_BY_HAND,
        user__in=users,
    ).order_by()
    for scoring_id, epoch, user_id in rows.values_list("scoring_id", "epoch", "user_id"):
        found[scoring_id, epoch].add(user_id or 0)
    return found


def _wrote_the_same(
    items: Sequence[RatingItem], users: set[int]
) -> dict[tuple[int, int, str], set[int]]:
    found: dict[tuple[int, int, str], set[int]] = defaultdict(set)
    rows = EpochScore.objects.filter(
        scoring__recording__in={item.recording_id for item in items},
        epoch__in={item.source.epoch for item in items},
        scoring__scorer__user__in=users,
    ).exclude(rationale="")
    fields = ("scoring__recording_id", "epoch", "rationale", "scoring__scorer__user_id")
    for recording_id, epoch, rationale, user_id in rows.order_by().values_list(*fields):
        found[recording_id, epoch, _words(rationale)].add(user_id or 0)
    return found


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()
