"""Nights that are closed to a person, and refusals to read many nights at once."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from annotations.exposure import rated_recordings, recordings_to_rate, same_nights
from annotations.scoring.models import Scoring
from annotations.visibility.modes import UNAIDED
from psg.errors import RefusedError
from recordings.models import Recording
from studies.models import Study, User


def unaided_scorings() -> QuerySet[Scoring]:
    """Return the open scorings whose scorer must see nothing else of the night."""
    return Scoring.objects.filter(state=Scoring.State.OPEN, mode__in=UNAIDED)


def unaided_recordings(user: User) -> set[int]:
    """Return the ids of the recordings that `user` still scores without help, in any study."""
    return same_nights(recordings_of(unaided_by(user)))


def closed_recordings(user: User) -> set[int]:
    """Return the ids of the recordings that are closed to `user`."""
    return same_nights(recordings_of(unaided_by(user)).union(recordings_to_rate(user)))


def open_recordings(user: User, study: Study) -> QuerySet[Recording]:
    """Return the recordings of a study that are not closed to `user`."""
    return Recording.objects.filter(study=study).exclude(pk__in=closed_recordings(user))


def rates_texts_of(recording_id: int, user: User) -> bool:
    """Return whether `user` has texts of a recording in an open rating study."""
    return recording_id in rated_recordings(user)


def unaided_by(user: User) -> QuerySet[Scoring]:
    return unaided_scorings().filter(scorer__user_id=user.pk)


def recordings_of(scorings: QuerySet[Scoring]) -> QuerySet[Scoring, int]:
    return scorings.order_by().values_list("recording_id", flat=True)


class UnaidedNightsError(RefusedError):
    """Recordings that are closed to a person may not be read by another way."""

    code = "unaided"
    status = 403


def refuse_unaided_nights(recording_ids: Iterable[int], user: User) -> None:
    """Refuse if any of these nights is closed to `user`.

    Nights of which they rate texts are not named: that would tell where the texts are from.

    Raises
    ------
    UnaidedNightsError
    """
    ids = set(recording_ids)
    own = Recording.objects.filter(pk__in=ids & unaided_recordings(user))
    if names := sorted(own.values_list("name", flat=True)):
        raise UnaidedNightsError(
            f"You still score {', '.join(names)} blind. Submit it first, or exclude it."
        )
    if ids & rated_recordings(user):
        raise UnaidedNightsError(
            "You rate texts of these recordings in an open rating study, and this would show more"
            " of them. Open this page again when the rating study is closed."
        )
