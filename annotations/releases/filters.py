"""Which epochs of a scoring stay: by flag, by how their words were rated, by agreement."""

from collections.abc import Callable
from itertools import groupby

from django.db.models import F

from annotations.models import EpochScore, Rating, RatingArm, RatingItem, Scorer, Scoring
from annotations.models.rating import DIMENSIONS
from annotations.models.scoring import FINISHED
from annotations.releases.composition import Composition
from annotations.releases.rows import ScoreRow

Keep = Callable[[ScoreRow], bool]
EXPERTS = (Scorer.Kind.HUMAN, Scorer.Kind.IMPORT)


def keep_of(composition: Composition, scoring: Scoring) -> Keep:
    """Return the test that an epoch of this scoring has to pass."""
    tests: list[Keep] = []
    if flags := set(composition.left_out_flags):
        tests.append(lambda row: flags.isdisjoint(row.flags))
    if (least := composition.least_mean_rating) is not None:
        means = mean_ratings(scoring)
        tests.append(lambda row: means.get(row.pk, 0.0) >= least)
    if (percent := composition.least_agreement_percent) is not None:
        said = other_stages(scoring)
        tests.append(lambda row: _agreement_percent(said.get(row.epoch, []), row.stage) >= percent)
    return lambda row: all(test(row) for test in tests)


def mean_ratings(scoring: Scoring) -> dict[int, float]:
    """Return the mean over raters and dimensions of each epoch score that was rated.

    Only ratings of the words as they stand count, and only where sources may be known.
    """
    ratings = (
        Rating.objects.filter(
            complete=True,
            cannot_judge=False,
            slot__item__source__scoring=scoring,
            slot__item__phase=RatingItem.Phase.MAIN,
            slot__item__arm__kind=RatingArm.Kind.SOURCE,
            slot__item__rating_study__unblinded_at__isnull=False,
            slot__item__rationale=F("slot__item__source__rationale"),
        )
        .order_by("slot__item__source_id")
        .values_list("slot__item__source_id", *DIMENSIONS)
    )
    means: dict[int, float] = {}
    for source_id, group in groupby(ratings, key=lambda values: values[0]):
        scores = [score for values in group for score in values[1:] if score is not None]
        if scores:
            means[source_id] = sum(scores) / len(scores)
    return means


def other_stages(scoring: Scoring) -> dict[int, list[str]]:
    """Return what the experts other than this scorer said of each epoch of the night."""
    others = EpochScore.objects.filter(
        scoring__recording_id=scoring.recording_id,
        scoring__state__in=FINISHED,
        scoring__scorer__kind__in=EXPERTS,
        stage__isnull=False,
    ).exclude(scoring__scorer_id=scoring.scorer_id)
    said: dict[int, list[str]] = {}
    for epoch, stage in others.order_by("epoch").values_list("epoch", "stage"):
        said.setdefault(epoch, []).append(str(stage))
    return said


def _agreement_percent(said: list[str], stage: str | None) -> float:
    """Return the share of other experts with this stage; where there is none, nobody agrees."""
    return 100 * sum(other == stage for other in said) / len(said) if said else -1.0
