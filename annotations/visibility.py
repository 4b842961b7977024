"""Who may see what: suggestions, verdicts on claims, files of nights they still score blind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.rating.models import RatingSlot, RatingStudy
from annotations.scoring.models import FINISHED, UNAIDED, EpochScore, Scoring
from studies.models import Mode, User


def locked_epochs(scoring: Scoring) -> list[int]:
    """Return the epochs whose own answer is fixed; only `reveal` has such."""
    if scoring.mode != Mode.REVEAL:
        return []
    return list(RevealLock.objects.filter(scoring=scoring).values_list("epoch", flat=True))


def assisted_epochs(scoring: Scoring, epochs: range) -> list[int]:
    """Return those of `epochs` in which the mode lets help of any kind be seen now."""
    if scoring.mode == Mode.BLIND:
        return []
    if scoring.mode == Mode.REVEAL:
        return sorted(set(locked_epochs(scoring)).intersection(epochs))
    return list(epochs)


def allowed_suggestions(scoring: Scoring, epochs: range) -> QuerySet[EpochScore]:
    """Return what the source says of those of `epochs` that the mode allows to be seen now."""
    if scoring.mode == Mode.BLIND or scoring.suggestion_id is None:
        return EpochScore.objects.none()
    found = EpochScore.objects.filter(
        scoring_id=scoring.suggestion_id, epoch__gte=epochs.start, epoch__lt=epochs.stop
    )
    if scoring.mode == Mode.REVEAL:
        locks = RevealLock.objects.filter(scoring=scoring)
        found = found.filter(epoch__in=locks.values("epoch"))
    return found.select_related("scoring__scorer").order_by("epoch")


def possible_sources(recording_id: int) -> list[Scoring]:
    """Return the finished scorings of a night, any of which may be suggested to a scorer."""
    finished = Scoring.objects.filter(recording_id=recording_id, state__in=FINISHED)
    return list(finished.select_related("scorer"))


# Nights that somebody still scores without help: their files would give others' answers away.


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


# What the signal says of the claims in a scoring's rationales, and who may know it.


def why_withheld(scoring: Scoring, user: User) -> str | None:
    """Say why a person must not be told what the signal says; None where they may.

    A verdict tells what detectors found, so it is help: none for whoever scores the night blind,
    under this scoring or another of theirs, and none for a rater of rationales of the night,
    who is to judge the same claims.
    """
    own = Scoring.objects.own(user).filter(recording_id=scoring.recording_id)
    is_own_blind = scoring.scorer.user_id == user.pk and scoring.mode == Mode.BLIND
    if is_own_blind or own.filter(mode=Mode.BLIND, state=Scoring.State.OPEN).exists():
        return "In blind mode nothing is checked by the signal."
    slots = RatingSlot.objects.filter(
        rater_id=user.pk,
        item__recording_id=scoring.recording_id,
        item__rating_study__state=RatingStudy.State.OPEN,
    )
    if slots.exists():
        return "You rate rationales of this night: their claims are yours to judge."
    return None


def allowed_epochs(scoring: Scoring, user: User, epochs: range) -> list[int]:
    """Those of `epochs` whose claims may be checked for a person who is told at all.

    To their own scoring the rule of detected waves applies: in reveal the answer is locked first.
    """
    if scoring.scorer.user_id == user.pk and scoring.is_open:
        return assisted_epochs(scoring, epochs)
    return list(epochs)


# Giving suggestions out as the mode of a scoring allows, and keeping a record of it.


def shown_by_server(scoring: Scoring, epoch: int) -> dict[str, Any]:
    """Say under which mode an answer is given, and which suggestion had been sent by then."""
    known: dict[str, Any] = {"mode": scoring.mode, "suggestion": None}
    if scoring.suggestion_id is None:  # and never had one: it is set when the scoring is made
        return known
    sent = SentSuggestion.objects.filter(scoring=scoring, epoch=epoch).order_by("version").last()
    return {**known, "suggestion": sent.as_json() if sent else None}
