"""Rating studies over many recordings, already rated, written straight into the tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from django.utils import timezone

from annotations.rating.models import (
    Rating,
    RatingArm,
    RatingItem,
    RatingRater,
    RatingSlot,
    RatingStudy,
)
from annotations.scoring.models import EpochScore, Scoring
from annotations.scoring.scorings import create_scoring, model_scorer
from psg.rules.editions import DEFAULT_EDITION
from psg.stages import STAGES
from recordings.models import Recording, Subject
from studies.models import Role, Study, User
from tests.helpers.made_up_ratings import study as made_up_study

RULE_OF = {"W": "W.1", "N1": "N1.1", "N2": "N2.1", "N3": "N3.1", "R": "R.1"}


def rated_study(
    *,
    study: Study,
    raters: Sequence[User],
    arms: Mapping[str, float],
    severity: Sequence[float],
    recordings: int,
    epochs_a_recording: int = 2,
    raters_per_item: int = 3,
    repeat_every: int = 0,
    cannot_judge_every: int = 0,
    control: str = "",
    seed: int = 1,
) -> RatingStudy:
    """Make a closed study, blind still, of which `made_up_ratings.study` says what is true.

    The made-up scores are those of factual accuracy; evidence gets one more, coherence is upside
    down. `control` names the arm that is known to be wrong. Every n-th rating is repeated with
    the same scores, or says "cannot judge".
    """
    block, arm_of = made_up_study(
        np.random.default_rng(seed),
        recordings=recordings,
        severity=severity,
        arms=list(arms.values()),
        epochs_a_recording=epochs_a_recording,
        raters_per_item=raters_per_item,
    )
    rating_study = RatingStudy.objects.create(
        study=study,
        title="Many nights",
        seed=seed,
        state=RatingStudy.State.CLOSED,
        launched_at=timezone.now(),
    )
    for rater in raters:
        RatingRater.objects.create(rating_study=rating_study, rater=rater)
    nights = list(_nights(study, recordings, epochs_a_recording))
    items: list[RatingItem] = []
    for place, label in enumerate(arms):
        kind = RatingArm.Kind.CONTROL if label == control else RatingArm.Kind.SOURCE
        arm = RatingArm.objects.create(
            rating_study=rating_study, label=label, kind=kind, place=place
        )
        items += _items(arm, nights, epochs_a_recording, offset=len(items))
    assert len(items) == len(arm_of)
    RatingItem.objects.bulk_create(items)
    scores = block.first_looks[..., 0]
    _rate(items, raters, scores, repeat_every, cannot_judge_every)
    return rating_study


def finished_study(*, study: Study, member: Callable[..., User], **changes: Any) -> RatingStudy:
    """Make a small `rated_study` by three raters, with second looks and "cannot judge" in it."""
    asked: dict[str, Any] = {
        "arms": {"One": 0.0, "Two": 0.2},
        "severity": [-0.2, 0.0, 0.2],
        "recordings": 4,
        "raters_per_item": 2,
        "repeat_every": 5,
        "cannot_judge_every": 7,
        **changes,
    }
    raters = [member(study, Role.RATER, username=f"rater-{n}") for n in range(3)]
    return rated_study(study=study, raters=raters, **asked)


def _nights(study: Study, count: int, epochs: int) -> Iterator[Recording]:
    for number in range(count):
        name = f"Hidden-night-{number:03}"
        subject = Subject.objects.create(study=study, code=name)
        yield Recording.objects.create(
            study=study,
            subject=subject,
            name=name,
            state=Recording.State.LABELS_ONLY,
            epoch_count=epochs,
        )


def _items(
    arm: RatingArm, nights: Sequence[Recording], epochs: int, *, offset: int
) -> Iterator[RatingItem]:
    scorer = model_scorer(label=f"Scorer of {arm.label}", provenance={})
    for number, night in enumerate(nights):
        scoring = create_scoring(recording=night, scorer=scorer)
        for score in EpochScore.objects.bulk_create(_scores(scoring, epochs)):
            place = offset + number * epochs + score.epoch
            yield RatingItem(
                rating_study=arm.rating_study,
                arm=arm,
                code=f"C{place:05}",
                recording=night,
                epoch=score.epoch,
                source=score,
                stage=score.stage,
                rules=score.rules,
                rationale=score.rationale,
                words=score.rationale,
                reference_stage=None if place % 5 == 4 else STAGES[place % 3].value,
                is_transition=place % 4 == 0,
                rule_edition=DEFAULT_EDITION,
                renderer_version="1",
                text_sha256="0" * 64,
            )


def _scores(scoring: Scoring, epochs: int) -> Iterator[EpochScore]:
    for epoch in range(epochs):
        stage = STAGES[(scoring.pk + epoch) % len(STAGES)].value
        yield EpochScore(
            scoring=scoring,
            epoch=epoch,
            stage=stage,
            rules=[RULE_OF[stage]],
            rationale=f"Point {epoch} of a night.",
        )


def _rate(
    items: Sequence[RatingItem],
    raters: Sequence[User],
    scores: np.ndarray,
    repeat_every: int,
    cannot_judge_every: int,
) -> None:
    given = [(item, rater) for item, rater in np.argwhere(~np.isnan(scores))]
    slots, ratings = [], []
    for number, (item, rater) in enumerate(given, start=1):
        looks = 2 if repeat_every and number % repeat_every == 0 else 1
        for look in range(looks):
            slot = RatingSlot(item=items[item], rater=raters[rater], place=number, repeat=look)
            slots.append(slot)
            unsure = bool(cannot_judge_every) and number % cannot_judge_every == 0
            ratings.append(_rating(slot, int(scores[item, rater]), unsure=unsure))
    RatingSlot.objects.bulk_create(slots)
    Rating.objects.bulk_create(ratings)


def _rating(slot: RatingSlot, score: int, *, unsure: bool) -> Rating:
    if unsure:
        return Rating(slot=slot, cannot_judge=True, complete=True)
    return Rating(
        slot=slot,
        factual_accuracy=score,
        evidence_comprehensiveness=min(score + 1, 5),
        logical_coherence=6 - score,
        comment="Why so?" if score < 3 else "",
        complete=True,
    )
