"""Scorings for exports, imports and agreement."""

from collections.abc import Callable, Sequence

import pytest

from annotations.exchange.scoring_files import import_contents
from annotations.scoring.models import EpochRevision, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import create_scoring, model_scorer
from recordings.models import Recording


@pytest.fixture
def imported(labels_only: Recording) -> Callable[..., Scoring]:
    """Make a submitted scoring: `imported("Anna", ["W", None, "N2"])`."""

    def make(label: str, stages: Sequence[str | None], **changes) -> Scoring:
        contents = [
            (epoch, ScoreContent(stage=stage, **changes))
            for epoch, stage in enumerate(stages)
            if stage
        ]
        return import_contents(
            recording=labels_only, scorer_label=label, contents=contents, provenance={}
        )

    return make


@pytest.fixture
def by_model(labels_only: Recording) -> Callable[..., Scoring]:
    def make(stages: Sequence[str], label: str = "tiny-model") -> Scoring:
        scorer = model_scorer(label=label, provenance={})
        scoring = create_scoring(recording=labels_only, scorer=scorer)
        contents = [(n, ScoreContent(stage=stage)) for n, stage in enumerate(stages)]
        add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.MODEL)
        Scoring.objects.filter(pk=scoring.pk).update(state=Scoring.State.SUBMITTED)
        return scoring

    return make
