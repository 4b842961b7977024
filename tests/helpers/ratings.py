"""Fixtures for ratings: a night with two sources of rationales, raters, a study over them."""

from collections.abc import Callable, Sequence

import pytest

from annotations.rating.design import RatingDesign, equal_arms
from annotations.rating.drafts import draw_rating_study
from annotations.rating.lifecycle import launch_rating_study
from annotations.rating.models import DIMENSIONS, RatingSlot, RatingStudy
from annotations.rating.ratings import RatingContent, rate
from annotations.saving import Save
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import create_scoring, model_scorer, scorer_of_user
from recordings.models import Recording
from studies.models import Role, Study, User

STAGES = ["W", "N1", "N2", "N2", "N3", "N3", "R", "R", "N2", "W"]
RULES = {"W": "W.1", "N1": "N1.1", "N2": "N2.1", "N3": "N3.1", "R": "R.1"}
MODEL_LABEL = "Wavereader-7b"
EXPERT_NAME = "Dorothea Quillfeather"
NIGHT_NAME = "Nightname-0815"


def explained(scoring: Scoring, words: str) -> Scoring:
    """Give every epoch a stage, a rule and a rationale."""
    contents = [
        (n, ScoreContent(stage=stage, rules=[RULES[stage]], rationale=f"{words} Point {n}."))
        for n, stage in enumerate(STAGES)
    ]
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.MODEL)
    return scoring


@pytest.fixture
def rated_night(make_noise_night: Callable[..., Recording]) -> Recording:
    return make_noise_night(name=NIGHT_NAME)


@pytest.fixture
def expert(study: Study, member: Callable[..., User]) -> User:
    user = member(study, Role.ANNOTATOR, username="dquillfeather")
    user.name = EXPERT_NAME
    user.save()
    return user


@pytest.fixture
def sources(rated_night: Recording, expert: User) -> list[Scoring]:
    """One scoring by an expert and one by a model."""
    by_expert = create_scoring(recording=rated_night, scorer=scorer_of_user(user=expert))
    by_model = create_scoring(
        recording=rated_night, scorer=model_scorer(label=MODEL_LABEL, provenance={"weights": "x"})
    )
    return [explained(by_expert, "Seen by eye."), explained(by_model, "Measured.\n\n Twice.")]


@pytest.fixture
def raters(study: Study, member: Callable[..., User]) -> list[User]:
    return [member(study, Role.RATER, username=f"rater-{n}") for n in (1, 2)]


@pytest.fixture
def rating_design(sources: list[Scoring], raters: list[User]) -> Callable[..., RatingDesign]:
    """Make a design: one arm a scoring, everybody rates everything unless told otherwise."""

    def make(**changes: object) -> RatingDesign:
        asked = {
            "title": "First round",
            "scorings": sources,
            "raters": raters,
            "item_count": 10,
            "control_percent": 0,
            "repeat_percent": 10,
            "seed": 11,
            **changes,
        }
        arms = equal_arms(
            [(scoring.scorer.label, [scoring]) for scoring in asked.pop("scorings")],
            item_count=asked.pop("item_count"),
            control_percent=asked.pop("control_percent"),
        )
        asked.setdefault("raters_per_item", len(asked["raters"]))
        return RatingDesign(**{"arms": arms, **asked})

    return make


@pytest.fixture
def draft_rating_study(
    study: Study, rating_design: Callable[..., RatingDesign], lead: User
) -> Callable[..., RatingStudy]:
    """Draw a study that is not launched; takes what `rating_design` takes."""

    def draft(**changes: object) -> RatingStudy:
        return draw_rating_study(study=study, design=rating_design(**changes), user=lead)

    return draft


@pytest.fixture
def make_rating_study(
    draft_rating_study: Callable[..., RatingStudy], lead: User
) -> Callable[..., RatingStudy]:
    """Draw and launch a study; takes what `rating_design` takes."""

    def make(**changes: object) -> RatingStudy:
        return launch_rating_study(rating_study=draft_rating_study(**changes), user=lead)

    return make


@pytest.fixture
def rating_study(make_rating_study: Callable[..., RatingStudy]) -> RatingStudy:
    return make_rating_study()


def give(slot: RatingSlot, scores: Sequence[int], comment: str = "") -> None:
    """Rate a slot that has no rating yet."""
    given = dict(zip(DIMENSIONS, scores, strict=False))
    rate(
        slot=slot,
        content=RatingContent.of({**given, "cannot_judge": False, "comment": comment}),
        save=Save(user=slot.rater),
    )
