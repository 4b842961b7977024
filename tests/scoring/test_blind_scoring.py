"""Blind means that the server sends nothing of anybody else's scoring."""

import pytest

from annotations.scoring.assignments import assign
from annotations.scoring.models import Scoring
from annotations.scoring.scores import ScoreContent, Why, add_scores
from annotations.scoring.scorings import create_scoring, model_scorer
from annotations.visibility import visible_scorings
from studies.models import Mode, Role

pytestmark = pytest.mark.django_db

SECRET = "spindle that only the model saw"


@pytest.fixture
def model_scoring(labels_only) -> Scoring:
    scorer = model_scorer(label="model-under-test", provenance={})
    scoring = create_scoring(recording=labels_only, scorer=scorer)
    add_scores(
        scoring=scoring,
        contents=[(n, ScoreContent("N2", ["N2.1"], SECRET)) for n in range(10)],
        why=Why.MODEL,
    )
    return scoring


def everything_sent(client, scoring, study) -> str:
    pages = [
        "/",
        f"/studies/{study.slug}/",
        f"/recordings/{scoring.recording_id}/",
        f"/scorings/{scoring.pk}/score/",
        f"/api/v1/scorings/{scoring.pk}/",
        f"/api/v1/recordings/{scoring.recording_id}/",
    ]
    answers = [client.get(page) for page in pages]
    assert {answer.status_code for answer in answers} == {200}
    return "".join(answer.content.decode() + str(answer.headers) for answer in answers)


def test_a_blind_annotator_receives_nothing_of_other_scorings(
    client_of, annotator, scoring, model_scoring, study
):
    sent = everything_sent(client_of(annotator), scoring, study)
    assert SECRET not in sent
    assert "model-under-test" not in sent
    assert client_of(annotator).get(f"/api/v1/scorings/{model_scoring.pk}/").status_code == 404


def test_a_lead_who_still_scores_blind_receives_nothing_either(
    client_of, lead, labels_only, model_scoring, study
):
    own = assign(recording=labels_only, annotator=lead, assigned_by=lead)
    sent = everything_sent(client_of(lead), own, study)
    assert SECRET not in sent
    assert "model-under-test" not in sent
    assert not visible_scorings(lead).filter(pk=model_scoring.pk).exists()


def test_once_submitted_the_lead_sees_the_others(client_of, lead, labels_only, model_scoring):
    own = assign(recording=labels_only, annotator=lead, assigned_by=lead)
    Scoring.objects.filter(pk=own.pk).update(state=Scoring.State.SUBMITTED)
    answer = client_of(lead).get(f"/api/v1/scorings/{model_scoring.pk}/")
    assert SECRET in answer.content.decode()


def test_two_annotators_of_the_same_night_never_see_each_other(
    client_of, member, study, labels_only, scoring
):
    other = member(study, Role.ANNOTATOR, username="second")
    theirs = assign(recording=labels_only, annotator=other, assigned_by=None)
    assert theirs.mode == Mode.BLIND
    assert set(visible_scorings(other)) == {theirs}
    assert client_of(other).get(f"/scorings/{scoring.pk}/score/").status_code == 404


def test_a_member_who_has_left_loses_their_scorings(annotator, scoring, study):
    study.memberships.filter(user=annotator).delete()
    assert not visible_scorings(annotator).exists()


def test_a_person_with_the_longest_user_name_scores_under_its_beginning(
    study, member, labels_only, lead
):
    person = member(study, Role.ANNOTATOR, username="x" * 150)
    scoring = assign(recording=labels_only, annotator=person, assigned_by=lead)
    assert scoring.scorer.label == "x" * 120


def test_assigning_a_night_twice_gives_the_same_scoring(annotator, labels_only, scoring, lead):
    assert assign(recording=labels_only, annotator=annotator, assigned_by=lead) == scoring
