"""Scores of a whole night are written as single ones are."""

import pytest

from annotations.scoring.models import EpochRevision
from annotations.scoring.scores import ScoreContent, add_scores, content_of

pytestmark = pytest.mark.django_db


def test_every_field_of_many_scores_and_their_revisions_is_kept(scoring, annotator):
    contents = {
        0: ScoreContent(
            stage="N2",
            rules=("N2.1", "N2.2"),
            rationale='Tabs\tand lines\nand \\. and "quotes", µV',
            flags=("uncertain",),
            evidence=[{"kind": "spindle", "values": {"frequency_hz": 13.2}}],
            source_text="S2",
        ),
        1: ScoreContent(stage=None, source_text="Artefakt"),
    }
    made = add_scores(
        scoring=scoring,
        contents=contents.items(),
        why=EpochRevision.Why.MODEL,
        user=annotator,
        probabilities={0: {"N2": 0.75}},
    )
    assert made == 2
    scores = {score.epoch: score for score in scoring.scores.all()}
    assert {n: content_of(score).as_json() for n, score in scores.items()} == {
        n: content.as_json() for n, content in contents.items()
    }
    assert [scores[n].probabilities for n in (0, 1)] == [{"N2": 0.75}, None]
    revisions = list(EpochRevision.objects.filter(scoring=scoring).order_by("epoch"))
    assert [revision.after for revision in revisions] == [c.as_json() for c in contents.values()]
    assert {(r.version, r.user, r.why, r.before) for r in revisions} == {
        (1, annotator, "model", None)
    }
    assert len({r.client_uuid for r in revisions}) == 2
