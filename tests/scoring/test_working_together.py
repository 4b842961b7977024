"""Reopening, taking away, moving the date, and the lead's board."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from annotations.adjudication.lifecycle import start_adjudication
from annotations.scoring.models import Scoring, ScoringEvent
from annotations.scoring.reading import board_row
from studies.models import Role
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db


def act(client, scoring, what: str, **data):
    return client.post(f"/scorings/{scoring.pk}/{what}/", data, follow=True)


def save(client, scoring, epoch: int = 0, version: int = 0, stage: str = "W", **more):
    body = {"client_uuid": str(uuid.uuid4()), "version": version, "stage": stage, "rules": []}
    body |= {"rationale": "", "flags": [], "evidence": [], **more}
    url = f"/api/v1/scorings/{scoring.pk}/epochs/{epoch}/"
    return client.put(url, body, "application/json")


def state_of(scoring) -> str:
    return Scoring.objects.get(pk=scoring.pk).state


@pytest.fixture
def submitted(scoring) -> Scoring:
    Scoring.objects.filter(pk=scoring.pk).update(state="submitted", submitted_at=timezone.now())
    return Scoring.objects.get(pk=scoring.pk)


def test_a_lead_opens_a_submitted_scoring_again_and_says_why(client_of, lead, submitted):
    answer = act(client_of(lead), submitted, "reopen", reason="Lights-off mark was wrong.")
    assert b"Lights-off mark was wrong." in answer.content
    assert state_of(submitted) == "open"


def test_without_a_reason_nothing_is_opened(client_of, lead, submitted):
    for reason in ["", "   "]:
        act(client_of(lead), submitted, "reopen", reason=reason)
    assert state_of(submitted) == "submitted"
    assert not ScoringEvent.objects.exists()


def test_a_scorer_asks_and_the_lead_decides(client_of, lead, annotator, submitted, study):
    assert act(client_of(annotator), submitted, "reopen", reason="x").status_code == 403
    act(client_of(annotator), submitted, "ask", reason="Epoch 4 is N3.")
    assert state_of(submitted) == "submitted"
    page = client_of(lead).get(f"/studies/{study.slug}/scorings/")
    assert b"reopening requested" in page.content
    assert b"1 request to reopen a scoring" in client_of(lead).get("/").content
    act(client_of(lead), submitted, "decline", reason="It is being exported.")
    assert board_row(submitted).asks is None
    assert b"to reopen a scoring" not in client_of(lead).get("/").content
    assert (
        b"It is being exported." in client_of(annotator).get(f"/scorings/{submitted.pk}/").content
    )


def test_what_is_under_adjudication_is_not_opened(client_of, lead, submitted, labels_only):
    other = finished_scoring(labels_only, "other", ["W"] * 10)
    start_adjudication(scorings=[submitted, other], user=None)
    answer = act(client_of(lead), submitted, "reopen", reason="Please.")
    assert b"locked. Nothing was changed" in answer.content
    assert state_of(submitted) == "locked"


def test_an_assignment_taken_away_loses_nothing_and_says_so(client_of, lead, annotator, scoring):
    scorer = client_of(annotator)
    same = str(uuid.uuid4())
    first = save(scorer, scoring, client_uuid=same)
    act(client_of(lead), scoring, "withdraw", reason="Somebody else takes this night.")
    refused = save(scorer, scoring, epoch=1)
    assert (refused.status_code, refused.json()["code"]) == (409, "withdrawn")
    assert "withdrawn" in refused.json()["detail"]
    assert "safe" in refused.json()["detail"]
    assert save(scorer, scoring, client_uuid=same).json() == first.json()
    assert [s.stage for s in scoring.scores.all()] == ["W"]
    assert scorer.get(f"/api/v1/scorings/{scoring.pk}/").json()["editable"] is False
    assert b"Somebody else takes this night." in scorer.get(f"/scorings/{scoring.pk}/").content


def test_what_was_taken_away_can_be_given_back(client_of, lead, annotator, scoring):
    # By its address: a name as short as this turns up in random tokens of the page too.
    night = reverse("annotations:workbench", args=[scoring.pk]).encode()
    assert night in client_of(annotator).get("/").content
    act(client_of(lead), scoring, "withdraw", reason="A mistake.")
    assert night not in client_of(annotator).get("/").content
    act(client_of(lead), scoring, "give-back")
    assert save(client_of(annotator), scoring).status_code == 200


def test_a_new_due_date_is_kept_with_who_changed_it(client_of, lead, scoring):
    act(client_of(lead), scoring, "reschedule", due="2030-01-31")
    event = ScoringEvent.objects.get()
    assert (event.user, str(event.due)) == (lead, "2030-01-31")
    assert str(Scoring.objects.get(pk=scoring.pk).due) == "2030-01-31"
    answer = act(client_of(lead), scoring, "reschedule", due="soon")
    assert b"not valid" in answer.content


def test_the_board_tells_progress_pace_and_lateness(client_of, lead, annotator, scoring, study):
    for epoch in range(4):
        save(client_of(annotator), scoring, epoch, active_ms=15_000)
    yesterday = timezone.localdate() - timedelta(days=1)
    Scoring.objects.filter(pk=scoring.pk).update(due=yesterday)
    row = board_row(Scoring.objects.get(pk=scoring.pk))
    assert (row.scored, row.total, row.pace, row.is_late) == (4, 10, 4.0, True)
    page = client_of(lead).get(f"/studies/{study.slug}/scorings/").content.decode()
    assert "4 of 10" in page
    assert "overdue" in page
    assert "1 overdue" in client_of(lead).get("/").content.decode()


def test_a_night_is_given_to_somebody_else_who_begins_anew(
    client_of, lead, annotator, scoring, member, study
):
    save(client_of(annotator), scoring)
    second = member(study, Role.ANNOTATOR, username="second")
    page = client_of(lead).get(f"/scorings/{scoring.pk}/").content.decode()
    assert f'<option value="{second.pk}">' in page
    assert f'<option value="{annotator.pk}">' not in page
    answer = act(
        client_of(lead),
        scoring,
        "reassign",
        annotator=second.pk,
        due="2030-02-01",
        reason="On leave.",
    )
    assert b"Reassigned the recording" in answer.content
    assert state_of(scoring) == "withdrawn"
    assert save(client_of(annotator), scoring, epoch=1).json()["code"] == "withdrawn"
    theirs = Scoring.objects.get(scorer__user=second)
    assert (theirs.state, str(theirs.due), theirs.mode) == ("open", "2030-02-01", scoring.mode)
    assert not theirs.scores.exists()
    assert b"On leave." in client_of(annotator).get(f"/scorings/{scoring.pk}/").content


def test_a_night_is_not_given_to_who_cannot_score_it_and_then_stays_where_it_is(
    client_of, lead, scoring, member, study
):
    rater = member(study, Role.RATER)
    answer = act(client_of(lead), scoring, "reassign", annotator=rater.pk, reason="On leave.")
    assert b"not valid" in answer.content
    assert state_of(scoring) == "open"
    assert not ScoringEvent.objects.exists()
