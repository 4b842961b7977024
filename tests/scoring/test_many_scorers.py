"""Many people at once: every acknowledged save is in the database, exactly once."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from annotations.scoring.assignments import assign
from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from studies.models import Role

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 20
EPOCHS = 5


def put(client: Client, scoring: Scoring, epoch: int, stage: str, version: int = 0):
    body = {
        "client_uuid": str(uuid.uuid4()),
        "version": version,
        "stage": stage,
        "rules": [],
        "rationale": "",
        "flags": [],
        "evidence": [],
    }
    url = f"/api/v1/scorings/{scoring.pk}/epochs/{epoch}/"
    return client.put(url, body, content_type="application/json")


def at_once(work, jobs):
    def run(job):
        try:
            return work(*job)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.mark.long
def test_twenty_people_score_the_same_night_at_once(labels_only, member, client_of, study):
    jobs = []
    for number in range(PEOPLE):
        user = member(study, Role.ANNOTATOR, username=f"annotator-{number}")
        scoring = assign(recording=labels_only, annotator=user, assigned_by=None)
        jobs.append((client_of(user), scoring))

    def score_all(client, scoring):
        return [put(client, scoring, epoch, "N2").status_code for epoch in range(EPOCHS)]

    answers = at_once(score_all, jobs)
    assert answers == [[200] * EPOCHS] * PEOPLE
    assert EpochScore.objects.filter(stage="N2").count() == PEOPLE * EPOCHS
    assert EpochRevision.objects.count() == PEOPLE * EPOCHS


def test_of_tabs_racing_for_an_epoch_the_first_wins_and_the_rest_are_informed(
    scoring, annotator, client_of
):
    stages = ["W", "N1", "N2", "N3", "R"]
    jobs = [(client_of(annotator), scoring, 0, stage) for stage in stages]
    answers = at_once(put, jobs)
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [200, 409, 409, 409, 409]
    winner = EpochScore.objects.get()
    assert EpochRevision.objects.get().after["stage"] == winner.stage
    losers = [answer.json() for answer in answers if answer.status_code == 409]
    assert {row["yours"]["stage"] for row in losers} == set(stages) - {winner.stage}
    assert {row["current"]["stage"] for row in losers} == {winner.stage}


def test_a_save_sent_twice_at_once_is_stored_once(scoring, annotator, client_of):
    same = str(uuid.uuid4())
    body = {
        "client_uuid": same,
        "version": 0,
        "stage": "R",
        "rules": ["R.1"],
        "rationale": "",
        "flags": [],
        "evidence": [],
    }
    url = f"/api/v1/scorings/{scoring.pk}/epochs/4/"

    def send(client):
        return client.put(url, body, content_type="application/json")

    answers = at_once(send, [(client_of(annotator),) for _ in range(4)])
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert EpochRevision.objects.count() == 1
