"""Services that send suggestions as the mode of a scoring allows, and that record it."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from annotations.assistance.errors import NotRevealError, UnscoredError
from annotations.assistance.models import RevealLock, SentSuggestion
from annotations.saving import StaleError
from annotations.scoring.errors import NotOpenError
from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from annotations.scoring.scores import score_json
from annotations.visibility import allowed_suggestions, locks_answers


@transaction.atomic
def send_suggestions(*, scoring: Scoring, epochs: range) -> list[EpochScore]:
    """Return the suggestions that may be shown for `epochs`, and record them as sent."""
    return _sent(scoring, allowed_suggestions(scoring, epochs))


@transaction.atomic
def send_stages(*, scoring: Scoring) -> list[EpochScore]:
    """Return the stages that may be shown for the whole night, and record them as sent."""
    night = range(scoring.recording.epoch_count)
    allowed = allowed_suggestions(scoring, night)
    bare = allowed.select_related(None).only("epoch", "stage", "version", "scoring")
    return _sent(scoring, bare)


def _sent(scoring: Scoring, allowed: QuerySet[EpochScore]) -> list[EpochScore]:
    """Record the suggestions as sent; of an archived study show those that were sent before."""
    if scoring.study.archived_at:
        before = SentSuggestion.objects.filter(
            scoring=scoring,
            source=OuterRef("scoring"),
            epoch=OuterRef("epoch"),
            version=OuterRef("version"),
        )
        return list(allowed.filter(Exists(before)))
    scores = list(allowed)
    _record(scoring, scores)
    return scores


def _record(scoring: Scoring, scores: list[EpochScore]) -> None:
    SentSuggestion.objects.bulk_create(
        [
            SentSuggestion(
                scoring=scoring,
                epoch=score.epoch,
                source_id=score.scoring_id,
                version=score.version,
                stage=score.stage,
            )
            for score in scores
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def lock_epoch(*, scoring: Scoring, epoch: int, seen_version: int) -> RevealLock:
    """Lock the unaided answer of an epoch. A lock is final; a repeated request returns it.

    Raises
    ------
    NotRevealError, NotOpenError, StaleError
    UnscoredError
        When the epoch has no stage to lock.
    """
    scoring = Scoring.objects.select_for_update(of=("self",)).get(pk=scoring.pk)
    if not locks_answers(scoring.mode):
        raise NotRevealError
    if lock := RevealLock.objects.filter(scoring=scoring, epoch=epoch).first():
        return lock
    if not scoring.is_open:
        raise NotOpenError(scoring)
    score = EpochScore.objects.filter(scoring=scoring, epoch=epoch).first()
    if score is None or score.stage is None:
        raise UnscoredError
    if score.version != seen_version:
        raise StaleError(
            "This epoch was changed in another window. Nothing was overwritten.",
            current=score_json(score, epoch=epoch),
            yours={"epoch": epoch, "version": seen_version},
        )
    revision = EpochRevision.objects.get(scoring=scoring, epoch=epoch, version=score.version)
    return RevealLock.objects.create(scoring=scoring, epoch=epoch, revision=revision)
