"""The life of a rating study: sampled and frozen, rated, closed, unblinded."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from annotations.models import EpochScore, RatingItem, RatingSlot, RatingStudy, Scoring
from annotations.models.scoring import OVERSEERS
from annotations.queries.epoch_images import epoch_pixels, open_signals
from annotations.services.rating_sampling import Candidate, queue_order, sample
from psg.render import RENDERER_VERSION, pixel_sha256
from recordings.models import Recording
from studies.models import Role, Study, User

MOST_ITEMS = 500


class RatingDesignError(Exception):
    """The study cannot be made as asked; the text says why and what would do."""


def eligible_raters(study: Study) -> list[User]:
    """Return the raters who cannot look sources up: whoever oversees scorings is not blind."""
    raters = User.objects.filter(memberships__study=study, memberships__role=Role.RATER)
    overseers = User.objects.filter(memberships__study=study, memberships__role__in=OVERSEERS)
    return list(raters.exclude(pk__in=overseers.values("pk")).order_by("username"))


def rateable_scores(scorings: Sequence[Scoring]) -> list[EpochScore]:
    """Return the epochs that have a stage, a rationale and a signal to hold it against."""
    return list(
        EpochScore.objects.filter(
            scoring__in=scorings,
            scoring__recording__state=Recording.State.READY,
            stage__isnull=False,
        )
        .exclude(rationale="")
        .select_related("scoring__scorer")
        .order_by("scoring_id", "epoch")
    )


@transaction.atomic
def create_rating_study(
    *,
    study: Study,
    title: str,
    scorings: Sequence[Scoring],
    raters: Sequence[User],
    item_count: int,
    repeat_percent: int,
    seed: int,
    created_by: User | None,
) -> RatingStudy:
    """Sample rationales, freeze them with their image hash, and give every rater a queue.

    Raises
    ------
    RatingDesignError
        When there is nothing to rate, or a rater is not blind or wrote all of it.
    """
    _check_raters(study, raters)
    chosen = _sample(scorings, item_count, seed)
    rating_study = RatingStudy.objects.create(
        study=study,
        title=title,
        seed=seed,
        design={"items": item_count, "repeat_percent": repeat_percent},
        created_by=created_by,
    )
    rating_study.scorings.set(scorings)
    items = RatingItem.objects.bulk_create(_freeze(rating_study, chosen))
    for rater in raters:
        _give_queue(rater, items, seed=seed, repeat_percent=repeat_percent)
    return rating_study


def _check_raters(study: Study, raters: Sequence[User]) -> None:
    if not raters:
        raise RatingDesignError("Choose at least one rater.")
    able = {user.pk for user in eligible_raters(study)}
    for rater in raters:
        if rater.pk not in able:
            raise RatingDesignError(
                f"{rater} cannot rate blind: raters need the rater role and must not be lead, "
                "adjudicator or viewer of the study."
            )


def _sample(scorings: Sequence[Scoring], item_count: int, seed: int) -> list[EpochScore]:
    scores = {score.pk: score for score in rateable_scores(scorings)}
    candidates = [
        Candidate(score.pk, source=score.scoring.scorer_id, stage=score.stage or "")
        for score in scores.values()
    ]
    picked = sample(candidates, count=min(item_count, MOST_ITEMS), seed=seed)
    if not picked:
        raise RatingDesignError(
            "These scorings hold no rationale beside a signal, so there is nothing to rate."
        )
    return [scores[pk] for pk in picked]


def _freeze(rating_study: RatingStudy, scores: Sequence[EpochScore]) -> Iterator[RatingItem]:
    """Make the items night by night, so that each signal store is opened once."""
    by_night = sorted(scores, key=lambda s: (s.scoring.recording_id, s.epoch, s.pk))
    for _, group in groupby(by_night, key=lambda s: s.scoring.recording_id):
        night = list(group)
        with open_signals(night[0].scoring.recording) as store:
            for score in night:
                yield RatingItem(
                    rating_study=rating_study,
                    recording=score.scoring.recording,
                    epoch=score.epoch,
                    source=score,
                    stage=score.stage or "",
                    rules=score.rules,
                    rationale=score.rationale,
                    rule_edition=score.scoring.rule_edition,
                    renderer_version=RENDERER_VERSION,
                    text_sha256=_text_sha256(score),
                    pixel_sha256=pixel_sha256(epoch_pixels(store, score.epoch)),
                )


def _text_sha256(score: EpochScore) -> str:
    text = json.dumps([score.stage, score.rules, score.rationale], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _give_queue(
    rater: User, items: Sequence[RatingItem], *, seed: int, repeat_percent: int
) -> None:
    own = {item.pk: item for item in items if item.source.scoring.scorer.user_id != rater.pk}
    if not own:
        raise RatingDesignError(f"{rater} wrote every rationale of this sample.")
    turns = queue_order(list(own), repeat_percent=repeat_percent, seed=seed, rater=rater.pk)
    RatingSlot.objects.bulk_create(
        RatingSlot(item=own[turn.item], rater=rater, place=place, repeat=turn.repeat)
        for place, turn in enumerate(turns, start=1)
    )


@transaction.atomic
def close_rating_study(*, rating_study: RatingStudy) -> RatingStudy:
    """End the rating; what was rated stays, and nothing more is taken."""
    rating_study = RatingStudy.objects.select_for_update().get(pk=rating_study.pk)
    rating_study.state = RatingStudy.State.CLOSED
    rating_study.save(update_fields=["state"])
    return rating_study


@transaction.atomic
def unblind(*, rating_study: RatingStudy, user: User) -> RatingStudy:
    """Close the study and show its sources from now on. Who did it first, and when, is kept."""
    rating_study = RatingStudy.objects.select_for_update(of=("self",)).get(pk=rating_study.pk)
    if rating_study.unblinded_at is None:
        rating_study.state = RatingStudy.State.CLOSED
        rating_study.unblinded_at = timezone.now()
        rating_study.unblinded_by = user
        rating_study.save(update_fields=["state", "unblinded_at", "unblinded_by"])
    return rating_study
