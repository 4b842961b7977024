"""Saving epochs over the API: nothing is lost, nothing is overwritten unseen."""

import json
import uuid

import pytest
from django.utils import timezone

from annotations.scoring.models import EpochRevision, EpochScore, Scoring
from studies.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_of, annotator):
    return client_of(annotator)


def body(**changes):
    return {
        "client_uuid": str(uuid.uuid4()),
        "version": 0,
        "stage": "N2",
        "rules": ["N2.1"],
        "rationale": "A spindle at 3.1 s.",
        "flags": [],
        "evidence": [
            {
                "kind": "spindle",
                "derivation": "C4-M1",
                "start_s": 3.1,
                "end_s": 3.9,
                "values": {"frequency_hz": 13.2},
                "signal": "raw",
                "sfreq_hz": 256.0,
            }
        ],
        **changes,
    }


def save(client, scoring, epoch=0, **changes):
    return client.put(
        f"/api/v1/scorings/{scoring.pk}/epochs/{epoch}/",
        body(**changes),
        content_type="application/json",
    )


def test_a_save_is_stored_and_comes_back_with_its_version(client, scoring):
    answer = save(client, scoring)
    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    loaded = client.get(f"/api/v1/scorings/{scoring.pk}/").json()
    assert loaded["scores"][0][:4] == [0, "N2", ["N2.1"], "A spindle at 3.1 s."]
    assert loaded["editable"] is True
    assert {"id", "supports", "title", "text"} == set(loaded["rules"][0])


def test_a_save_asks_the_database_few_questions(client, scoring, django_assert_max_num_queries):
    save(client, scoring, epoch=1)
    # Session, user, scoring; savepoint, lock, replay, score, two writes, release.
    with django_assert_max_num_queries(10):
        save(client, scoring, epoch=0)


def test_a_save_in_an_archived_study_is_refused_and_changes_nothing(client, scoring):
    Study.objects.filter(pk=scoring.study.pk).update(archived_at=timezone.now())
    answer = save(client, scoring)
    assert (answer.status_code, answer.json()["code"]) == (409, "archived")
    assert not scoring.scores.exists()


def test_a_save_repeated_after_archiving_gets_its_first_answer(client, scoring):
    same = str(uuid.uuid4())
    first = save(client, scoring, client_uuid=same)
    Study.objects.filter(pk=scoring.study.pk).update(archived_at=timezone.now())
    again = save(client, scoring, client_uuid=same)
    assert (again.status_code, again.json()) == (200, first.json())
    assert save(client, scoring, version=1).json()["code"] == "archived"
    assert EpochRevision.objects.count() == 1


def test_a_repeated_save_gets_the_first_answer_and_changes_nothing(client, scoring):
    same = str(uuid.uuid4())
    first = save(client, scoring, client_uuid=same)
    again = save(client, scoring, client_uuid=same, stage="N3")
    assert again.status_code == 200
    assert again.json() == first.json()
    assert EpochRevision.objects.count() == 1


def test_a_stale_save_shows_both_sides_and_destroys_neither(client, scoring):
    save(client, scoring, stage="N2")
    stale = save(client, scoring, stage="N3", rules=["N3.1"])
    assert stale.status_code == 409
    assert stale.json()["current"]["stage"] == "N2"
    assert stale.json()["current"]["version"] == 1
    assert stale.json()["yours"]["stage"] == "N3"
    assert EpochScore.objects.get().stage == "N2"


def test_a_stale_save_of_what_is_there_already_is_answered_and_writes_nothing(client, scoring):
    first = save(client, scoring)
    keys_turned = [dict(reversed(event.items())) for event in body()["evidence"]]
    again = save(client, scoring, evidence=keys_turned)
    assert (again.status_code, again.json()) == (200, first.json())
    assert EpochRevision.objects.count() == 1
    assert save(client, scoring, flags=["unsure"]).status_code == 409


def test_every_change_appends_a_revision_with_before_and_after(client, scoring, annotator):
    save(client, scoring, stage="N2")
    save(client, scoring, version=1, stage="R", rules=["R.1"], active_ms=1500, shown={"gain": 2})
    first, second = EpochRevision.objects.order_by("version")
    assert first.before is None
    assert second.before["stage"] == "N2"
    assert second.after["stage"] == "R"
    assert (second.user, second.active_ms) == (annotator, 1500)
    assert second.shown == {"gain": 2, "mode": "blind", "suggestion": None}


def test_an_epoch_can_be_unscored_again_and_is_not_wake(client, scoring):
    save(client, scoring)
    save(client, scoring, version=1, stage=None, rules=[], rationale="", evidence=[])
    assert EpochScore.objects.get().stage is None


SPINDLE = {"kind": "spindle", "derivation": "C4-M1", "start_s": 3, "end_s": 4}
BACKWARDS = {"kind": "x", "derivation": "C4-M1", "start_s": 5, "end_s": 4}
ELSEWHERE = {"kind": "x", "derivation": "Pz", "start_s": 1, "end_s": 4}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stage": "N4"}, "stage"),
        ({"stage": "unscored"}, "stage"),
        ({"rules": ["N9.9"]}, "rules"),
        ({"rationale": "nul \x00 here"}, "rationale"),
        ({"rationale": "x" * 1_000_000}, "rationale"),
        ({"rationale": "bell \x07, csi \x9b"}, "rationale"),
        ({"rationale": "half an emoji \ud83e"}, "rationale"),
        ({"shown": {"note": "nul \x00"}}, "shown"),
        ({"shown": {"note": "\ud83e"}}, "shown"),
        ({"evidence": [{**SPINDLE, "values": {"\x00": 1.0}}]}, "evidence"),
        ({"flags": ["funny"]}, "flags"),
        ({"client_uuid": "no"}, "client_uuid"),
        ({"evidence": [BACKWARDS]}, "evidence"),
        ({"evidence": [ELSEWHERE]}, "evidence"),
        ({"version": -1}, "version"),
    ],
)
def test_a_malformed_save_names_the_field_and_stores_nothing(client, scoring, changes, field):
    answer = save(client, scoring, **changes)
    assert answer.status_code == 400
    assert field in answer.json()["fields"]
    assert not EpochScore.objects.exists()


def test_an_epoch_outside_the_night_is_refused(client, scoring):
    assert save(client, scoring, epoch=10).status_code == 404
    assert not EpochScore.objects.exists()


def test_markup_and_unicode_in_a_rationale_come_back_as_they_were(client, scoring):
    text = "<script>alert(1)</script> α-rhythm 🧠 \u202eabc\nnew line"
    save(client, scoring, rationale=text)
    assert EpochScore.objects.get().rationale == text


def test_a_save_after_logout_requires_a_login_and_its_repeat_is_stored(client, scoring, annotator):
    same = str(uuid.uuid4())
    client.logout()
    assert save(client, scoring, client_uuid=same).status_code == 401
    client.force_login(annotator)
    assert save(client, scoring, client_uuid=same).status_code == 200


def test_a_submitted_scoring_takes_no_more_saves(client, scoring):
    for epoch in range(10):
        save(client, scoring, epoch=epoch)
    done = client.post(f"/api/v1/scorings/{scoring.pk}/submit/", {}, "application/json")
    assert done.status_code == 200
    late = save(client, scoring, version=1)
    assert late.status_code == 409
    assert late.json()["code"] == "submitted"
    assert EpochRevision.objects.count() == 10


def test_submitting_lists_unscored_epochs_until_they_are_accepted(client, scoring):
    save(client, scoring, epoch=3)
    url = f"/api/v1/scorings/{scoring.pk}/submit/"
    refused = client.post(url, {}, "application/json")
    assert refused.status_code == 409
    assert refused.json()["unscored"] == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert client.post(url, {"accept_unscored": True}, "application/json").status_code == 200
    scoring.refresh_from_db()
    assert scoring.state == Scoring.State.SUBMITTED


def test_a_rule_that_contradicts_its_stage_stops_the_submission(client, scoring):
    save(client, scoring, stage="N3", rules=["W.1"])
    refused = client.post(
        f"/api/v1/scorings/{scoring.pk}/submit/", {"accept_unscored": True}, "application/json"
    )
    assert refused.status_code == 409
    assert refused.json()["errors"][0]["epoch"] == 0


@pytest.mark.parametrize(
    "rationale", ["Spindle in ___.", "___", "Slow waves for ___ s, K complex in ___."]
)
def test_a_gap_of_a_phrase_is_listed_and_stops_the_submission(client, scoring, rationale):
    save(client, scoring, epoch=4, rationale=rationale)
    (finding,) = client.get(f"/api/v1/scorings/{scoring.pk}/findings/").json()["findings"]
    assert (finding["epoch"], finding["level"], finding["code"]) == (4, "error", "gap")
    url = f"/api/v1/scorings/{scoring.pk}/submit/"
    refused = client.post(url, {"accept_unscored": True}, "application/json")
    assert refused.status_code == 409
    assert refused.json()["errors"] == [finding]
    save(client, scoring, epoch=4, version=1, rationale="A signal named a__b.")
    assert client.post(url, {"accept_unscored": True}, "application/json").status_code == 200


def test_where_nobody_sees_rationales_a_gap_stops_nothing(client, scoring):
    Scoring.objects.filter(pk=scoring.pk).update(track="coarse")
    save(client, scoring, rationale="Spindle in ___.")
    url = f"/api/v1/scorings/{scoring.pk}/submit/"
    assert client.post(url, {"accept_unscored": True}, "application/json").status_code == 200


def test_a_rationale_that_is_too_long_gets_the_limit(client, scoring):
    (problem,) = save(client, scoring, rationale="x" * 1_000_000).json()["fields"]["rationale"]
    assert problem == "1,000,000 characters are too many; the limit is 10,000."


def test_a_text_that_speaks_of_a_nul_is_kept_and_a_text_with_a_nul_is_refused(client, scoring):
    words = r"not \u0000 itself"
    assert save(client, scoring, shown={"note": words}).status_code == 200
    assert EpochRevision.objects.get().shown["note"] == words
    assert save(client, scoring, version=1, shown={"note": ["\0"]}).status_code == 400


def test_numbers_that_no_database_keeps_are_refused(client, scoring):
    url = f"/api/v1/scorings/{scoring.pk}/epochs/0/"
    event = json.dumps({**SPINDLE, "values": {"amplitude_uv": 0}})
    text = json.dumps(body(evidence=[])).replace(
        '"evidence": []', f'"evidence": [{event}]'.replace(": 0}", ": 1e999}")
    )
    assert client.put(url, text, content_type="application/json").status_code == 400


def test_a_request_of_many_megabytes_is_refused_before_it_is_read(client, scoring, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000
    answer = save(client, scoring, rationale="x" * 100_000)
    assert answer.status_code == 413
    assert "too large" in answer.json()["detail"]
    assert not EpochScore.objects.exists()


def test_the_id_of_a_save_of_another_epoch_is_not_taken_for_its_repeat(client, scoring):
    same = str(uuid.uuid4())
    save(client, scoring, client_uuid=same)
    assert save(client, scoring, epoch=1, client_uuid=same).json()["code"] == "foreign"
