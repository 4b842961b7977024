"""Comments on epochs: who reads them, whom they name, and how they end."""

import uuid

import pytest

from annotations.scoring.assignments import assign
from annotations.scoring.models import EpochComment
from studies.models import Role

pytestmark = pytest.mark.django_db


def say(client, scoring, text: str, **more):
    body = {"client_uuid": str(uuid.uuid4()), "epoch": 3, "text": text, **more}
    return client.post(f"/api/v1/scorings/{scoring.pk}/comments/", body, "application/json")


def heard(client, scoring) -> dict:
    answer = client.get(f"/api/v1/scorings/{scoring.pk}/comments/")
    assert answer.status_code == 200
    return answer.json()


def test_lead_and_scorer_talk_about_an_epoch(client_of, lead, annotator, scoring):
    made = say(client_of(lead), scoring, f"Is this a K complex, @{annotator.username}?")
    assert made.status_code == 201
    (comment,) = heard(client_of(annotator), scoring)["comments"]
    assert (comment["epoch"], comment["mentions"]) == (3, [annotator.username])
    assert f"@{annotator.username}".encode() in client_of(annotator).get("/").content


def test_the_same_comment_sent_twice_is_stored_once(client_of, lead, scoring):
    same = str(uuid.uuid4())
    first, again = (say(client_of(lead), scoring, "Why?", client_uuid=same) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert EpochComment.objects.count() == 1


def test_only_people_who_may_open_the_scoring_are_named(client_of, member, study, lead, scoring):
    other = member(study, Role.ANNOTATOR, username="other.annotator")
    added = say(client_of(lead), scoring, f"@{other.username} @nobody @{lead.username}.").json()
    assert added["mentions"] == [lead.username]
    assert client_of(other).get("/").content.count(b"@nobody") == 0
    people = {person["username"] for person in heard(client_of(lead), scoring)["people"]}
    assert other.username not in people


def test_another_annotator_of_the_night_reads_nothing(
    client_of, member, study, lead, labels_only, scoring
):
    other = member(study, Role.ANNOTATOR, username="other")
    assign(recording=labels_only, annotator=other, assigned_by=lead)
    say(client_of(lead), scoring, "A spindle, surely.")
    answer = client_of(other).get(f"/api/v1/scorings/{scoring.pk}/comments/")
    assert answer.status_code == 404
    comment = EpochComment.objects.get()
    url = f"/api/v1/comments/{comment.pk}/resolve/"
    assert client_of(other).post(url, {"resolved": True}, "application/json").status_code == 404


def test_an_overseer_who_scores_the_night_blind_is_not_named(
    client_of, member, study, lead, labels_only, scoring
):
    both = member(study, Role.ADJUDICATOR, Role.ANNOTATOR, username="both")
    assert both.username in {p["username"] for p in heard(client_of(lead), scoring)["people"]}
    assign(recording=labels_only, annotator=both, assigned_by=lead)
    assert say(client_of(lead), scoring, "@both look").json()["mentions"] == []
    assert client_of(both).get(f"/api/v1/scorings/{scoring.pk}/comments/").status_code == 404


def test_a_comment_is_resolved_and_opened_again(client_of, lead, annotator, scoring):
    made = say(client_of(lead), scoring, f"@{annotator.username} why?").json()
    url = f"/api/v1/comments/{made['id']}/resolve/"
    done = client_of(annotator).post(url, {"resolved": True}, "application/json").json()
    assert done["resolved_by"] == str(annotator)
    assert b"why?" not in client_of(annotator).get("/").content
    again = client_of(lead).post(url, {"resolved": False}, "application/json").json()
    assert again["resolved_at"] is None


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"text": "a\x07b"}, 400),
        ({"text": "  "}, 400),
        ({"text": "x" * 1_000_000}, 400),
        ({"epoch": 10}, 404),
        ({"text": "<script>alert(1)</script> \u202eabc 😴"}, 201),
    ],
)
def test_odd_comments_get_a_clear_answer(client_of, lead, scoring, more, status):
    answer = say(client_of(lead), scoring, **{"text": "x", **more})
    assert answer.status_code == status
    if status == 201:
        assert answer.json()["text"] == more["text"]


def test_markup_in_a_mention_is_only_text_on_the_home_page(client_of, lead, annotator, scoring):
    say(client_of(lead), scoring, f"@{annotator.username} <script>alert(1)</script>")
    assert b"<script>alert" not in client_of(annotator).get("/").content
