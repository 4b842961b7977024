"""Help while scoring: suggestions, detected waves, events and verdicts on claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from django.db.models import Q, QuerySet

from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.exposure import same_nights
from annotations.scoring.models import EpochScore, ScoredEvent, Scoring
from annotations.visibility.modes import locks_answers, shows_another
from annotations.visibility.nights import (
    rates_texts_of,
    recordings_of,
    unaided_by,
    unaided_scorings,
)
from annotations.visibility.scorings import visible_scorings
from studies.models import User


def is_kept_blind_by_another(scoring: Scoring) -> bool:
    """Return whether help with this scoring would be help with other work of its scorer.

    With another scoring of the same night that they still make without help, or with ratings of
    texts of the night.
    """
    others = unaided_scorings().filter(scorer=scoring.scorer_id).exclude(pk=scoring.pk)
    if scoring.recording_id in same_nights(recordings_of(others)):
        return True
    scorer = scoring.scorer.user
    return scorer is not None and rates_texts_of(scoring.recording_id, scorer)


def locked_epochs(scoring: Scoring) -> list[int]:
    """Return the epochs whose own answer is locked."""
    if not locks_answers(scoring.mode):
        return []
    return list(RevealLock.objects.filter(scoring=scoring).values_list("epoch", flat=True))


def assisted_epochs(scoring: Scoring, epochs: range) -> list[int]:
    """Return those of `epochs` in which the mode allows help of any kind now."""
    if not shows_another(scoring.mode) or is_kept_blind_by_another(scoring):
        return []
    if locks_answers(scoring.mode):
        return sorted(set(locked_epochs(scoring)).intersection(epochs))
    return list(epochs)


def allowed_suggestions(scoring: Scoring, epochs: range) -> QuerySet[EpochScore]:
    """Return the suggested scores of those of `epochs` that the mode allows to be seen now."""
    if not shows_another(scoring.mode) or scoring.suggestion_id is None:
        return EpochScore.objects.none()
    if is_kept_blind_by_another(scoring):
        return EpochScore.objects.none()
    scores = EpochScore.objects.filter(
        scoring_id=scoring.suggestion_id, epoch__gte=epochs.start, epoch__lt=epochs.stop
    )
    if locks_answers(scoring.mode):
        locks = RevealLock.objects.filter(scoring=scoring)
        scores = scores.filter(epoch__in=locks.values("epoch"))
    return scores.select_related("scoring__scorer").order_by("epoch")


def visible_events(scoring: Scoring, user: User) -> list[ScoredEvent]:
    """Return the events of imported files that `user` may see beside a scoring, by onset.

    Those of the scorings of the recording that they may open, and those of the suggestion that
    their own mode shows: of these only events within epochs in which it is shown.
    """
    readable = visible_scorings(user).filter(recording=scoring.recording_id)
    events = ScoredEvent.objects.order_by("onset_s", "pk")
    seen = list(events.filter(scoring__in=readable))
    if scoring.suggestion_id is None or scoring.scorer.user_id != user.pk:
        return seen
    shown = set(assisted_epochs(scoring, range(scoring.recording.epoch_count)))
    suggested = events.filter(scoring=scoring.suggestion_id).exclude(scoring__in=readable)
    epoch0_s = scoring.recording.epoch0_s
    return seen + [event for event in suggested if shown.issuperset(event.epochs(epoch0_s))]


def may_have_events(scoring: Scoring, user: User) -> bool:
    """Whether events of imported files may be shown beside a scoring, now or after an answer."""
    may_see = Q(scoring__in=visible_scorings(user).filter(recording=scoring.recording_id))
    if scoring.scorer.user_id == user.pk and shows_another(scoring.mode):
        may_see |= Q(scoring=scoring.suggestion_id)
    return ScoredEvent.objects.filter(may_see).exists()


class ShownByServer(TypedDict):
    """The mode of a scoring, and a suggestion that was sent to its scorer."""

    mode: str
    suggestion: Mapping[str, object] | None


def shown_by_server(scoring: Scoring, epoch: int) -> ShownByServer:
    """Return the mode of a scoring and the suggestion that was last sent for `epoch`."""
    if scoring.suggestion_id is None:  # it is set when the scoring is made, and never later
        return {"mode": scoring.mode, "suggestion": None}
    sent = SentSuggestion.objects.filter(scoring=scoring, epoch=epoch).order_by("version").last()
    return {"mode": scoring.mode, "suggestion": sent.as_json() if sent else None}


def why_claims_withheld(scoring: Scoring, user: User) -> str | None:
    """Return why a person must not see verdicts on the claims of a scoring; None if they may.

    A verdict repeats what detectors measured, so it is help: none for whoever scores the night
    blind, none while another scoring of the night by the same person is still made without help,
    and none for a rater of rationales of the night, who judges the same claims.
    """
    others = unaided_by(user).exclude(pk=scoring.pk)
    is_own_blind = scoring.scorer.user_id == user.pk and not shows_another(scoring.mode)
    if is_own_blind or scoring.recording_id in same_nights(recordings_of(others)):
        return "Not available in blind mode: the rationale is not checked against the signal."
    if rates_texts_of(scoring.recording_id, user):
        return "Not available: you rate rationales of this recording."
    return None


def checkable_epochs(scoring: Scoring, user: User, epochs: range) -> list[int]:
    """Return those of `epochs` whose claims may be checked for a person who may see verdicts.

    To a person's own scoring the rule of detected waves applies: in reveal the answer is locked
    first.
    """
    if scoring.scorer.user_id == user.pk and scoring.is_open:
        return assisted_epochs(scoring, epochs)
    return list(epochs)
