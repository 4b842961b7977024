"""Which suggestions a mode lets out. Every path to a suggestion goes through here."""

from django.db.models import QuerySet

from annotations.models import EpochScore, RevealLock, Scoring
from annotations.models.scoring import FINISHED
from studies.models import Mode


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
