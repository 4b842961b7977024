"""Finished scorings that differ, to be settled."""

from collections.abc import Sequence

from annotations.scoring.models import EpochRevision, Scorer, Scoring
from annotations.scoring.scores import ScoreContent, add_scores
from annotations.scoring.scorings import close_scoring, create_scoring
from recordings.models import Recording
from studies.models import User

RULES = {"W": ["W.1"], "N1": ["N1.1"], "N2": ["N2.1"], "N3": ["N3.1"], "R": ["R.1"]}


def finished_scoring(
    recording: Recording, label: str, stages: Sequence[str | None], *, user: User | None = None
) -> Scoring:
    """Make a submitted scoring whose rationales say its label, for tests to tell sides apart."""
    kind = Scorer.Kind.HUMAN if user else Scorer.Kind.IMPORT
    study = None if user else recording.study
    scorer = Scorer.objects.create(kind=kind, label=label, study=study, user=user)
    scoring = create_scoring(recording=recording, scorer=scorer)
    contents = [
        (epoch, ScoreContent(stage, RULES[stage], f"{label}-{epoch}"))
        for epoch, stage in enumerate(stages)
        if stage
    ]
    add_scores(scoring=scoring, contents=contents, why=EpochRevision.Why.IMPORT)
    return close_scoring(scoring=scoring)
