"""Nights that somebody still scores without help: their files would give others' answers away."""

from collections.abc import Iterable

from annotations.models import Scoring
from annotations.models.scoring import UNAIDED
from studies.models import User


class BlindNightsError(Exception):
    """Somebody who still scores a night blind may not take away what others say of it."""


def refuse_blind(recording_ids: Iterable[int], user: User) -> None:
    """Raise where `user` still scores one of these nights without help.

    Raises
    ------
    BlindNightsError
    """
    own = Scoring.objects.filter(
        scorer__user_id=user.pk,
        state=Scoring.State.OPEN,
        mode__in=UNAIDED,
        recording_id__in=list(recording_ids),
    )
    if names := sorted(own.values_list("recording__name", flat=True)):
        raise BlindNightsError(
            f"You still score {', '.join(names)} blind: submit first, or leave it out."
        )
