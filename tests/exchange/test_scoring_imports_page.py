"""The pages and the API of imports of stage files."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations.exchange.models import ScoringImport
from annotations.exchange.stage_work import SCORING_IMPORTS
from annotations.scoring.models import Scoring
from tests.helpers.adjudications import finished_scoring

pytestmark = pytest.mark.django_db

NAMES = ["W", "N1", "N2", "N2", "N3", "N3", "R", "R", "R", "W"]
LINES = "".join(f"{name}\n" for name in NAMES).encode()


@pytest.fixture
def client(lead, client_of):
    return client_of(lead)


@pytest.fixture
def send(client, study):
    """Send files and read them: `send({"S1.txt": b"W"}, scorer="Anna")`."""

    def send(files, **fields) -> ScoringImport:
        given = [SimpleUploadedFile(path, data) for path, data in files.items()]
        body = {"file": given, "path": list(files), **fields}
        answer = client.post(f"/api/v1/studies/{study.slug}/scoring-imports/", body)
        assert answer.status_code == 201, answer.content
        SCORING_IMPORTS.run(answer.json()["id"])
        return ScoringImport.objects.get(pk=answer.json()["id"])

    return send


def test_the_preview_lies_over_the_scorings_of_the_recording(send, client, labels_only):
    finished_scoring(labels_only, "Ben", ["W"] * 10)
    made = send({"S1.txt": LINES}, scorer="Anna", recording=labels_only.pk)
    page = client.get(f"/scoring-imports/{made.pk}/").text
    assert page.count('class="hypnogram"') == 2
    assert "8 of 10 differ" in page
    assert "Import scoring" in page
    client.post(f"/scoring-imports/{made.pk}/confirm/", {"path": ["S1.txt"]})
    SCORING_IMPORTS.run(made.pk)
    assert "10 epochs imported" in client.get(f"/scoring-imports/{made.pk}/").text
    assert Scoring.objects.filter(scorer__label="Anna").exists()


def test_a_question_is_answered_on_the_page(send, client, labels_only):
    made = send({"S1.json": json.dumps([0, 1, 2, 2, 3, 3, 4, 4, 4, 0]).encode()}, scorer="Anna")
    page = client.get(f"/scoring-imports/{made.pk}/").text
    assert 'name="codes" value="yasa"' in page
    assert "Answer the questions first" in page
    client.post(f"/scoring-imports/{made.pk}/answer/", {"codes": "yasa"})
    SCORING_IMPORTS.run(made.pk)
    assert "Import scoring" in client.get(f"/scoring-imports/{made.pk}/").text


def test_texts_that_are_not_understood_can_be_said_to_mean_no_stage(send, client, labels_only):
    made = send({"S1.txt": LINES.replace(b"N1", b"Besuch")}, scorer="Anna")
    client.post(f"/scoring-imports/{made.pk}/answer/", {"unknown_texts": "unscored"})
    SCORING_IMPORTS.run(made.pk)
    made.refresh_from_db()
    assert made.preview["files"][0]["scorers"][0]["hypnogram"] == "W.2233RRRW"


def test_a_text_can_be_said_to_mean_a_stage_and_is_not_kept(send, client, labels_only):
    made = send({"S1.txt": LINES.replace(b"N1", b"Besuch")}, scorer="Anna")
    assert 'name="unknown_texts" value="N1"' in client.get(f"/scoring-imports/{made.pk}/").text
    client.post(f"/scoring-imports/{made.pk}/answer/", {"unknown_texts": "N1"})
    SCORING_IMPORTS.run(made.pk)
    made.refresh_from_db()
    assert made.preview["files"][0]["scorers"][0]["hypnogram"] == "W12233RRRW"
    assert "Besuch" not in json.dumps([made.options, made.preview])


def test_another_answer_is_refused(send, client, labels_only):
    made = send({"S1.json": b"[0, 1, 2, 2, 3, 3, 4, 4, 4, 0]"}, scorer="Anna")
    answer = client.patch(
        f"/api/v1/scoring-imports/{made.pk}/",
        {"answers": {"codes": "nobody"}},
        content_type="application/json",
    )
    assert answer.status_code == 400
    assert "not one of the choices" in answer.json()["detail"]


def test_the_api_previews_confirms_and_tells_what_differs(send, client, labels_only):
    ben = finished_scoring(labels_only, "Ben", ["W"] * 10)
    made = send({"S1.txt": LINES}, scorer="Anna")
    whole = client.get(f"/api/v1/scoring-imports/{made.pk}/").json()
    (compared,) = whole["files"][0]["compared"]
    assert compared["with"] == [
        {
            "scoring": ben.pk,
            "label": "Ben",
            "kappa": 0.0,
            "agreement": 0.2,
            "epochs": 10,
            "differing": 8,
        }
    ]
    address = f"/api/v1/scoring-imports/{made.pk}/import/"
    assert client.post(address, {}, content_type="application/json").status_code == 200
    SCORING_IMPORTS.run(made.pk)
    whole = client.get(f"/api/v1/scoring-imports/{made.pk}/").json()
    assert (whole["state"], whole["results"][0]["epochs"]) == ("done", 10)
    listed = client.get(f"/api/v1/studies/{made.study.slug}/scoring-imports/").json()
    assert [one["id"] for one in listed["imports"]] == [made.pk]


def test_page_and_api_confirm_the_preview_that_was_seen(send, client, labels_only):
    made = send({"S1.txt": LINES}, scorer="Anna")
    page = client.get(f"/scoring-imports/{made.pk}/").text
    assert f'name="seen" value="{made.preview_digest}"' in page
    shown = client.get(f"/api/v1/scoring-imports/{made.pk}/").json()
    assert shown["preview"] == made.preview_digest
    client.post(f"/scoring-imports/{made.pk}/again/", {"scorer": "Ben"})
    SCORING_IMPORTS.run(made.pk)
    posts = [
        client.post(
            f"/scoring-imports/{made.pk}/confirm/", {"path": "S1.txt", "seen": shown["preview"]}
        ),
        client.post(
            f"/api/v1/scoring-imports/{made.pk}/import/",
            {"seen": shown["preview"]},
            content_type="application/json",
        ),
    ]
    assert [answer.status_code for answer in posts] == [409, 409]
    assert not Scoring.objects.exists()


def test_an_import_is_discarded_by_the_api(send, client, labels_only):
    made = send({"S1.txt": LINES}, scorer="Anna")
    assert client.delete(f"/api/v1/scoring-imports/{made.pk}/").status_code == 204
    made.refresh_from_db()
    assert made.state == "discarded"


def test_a_recording_of_another_study_is_no_target(client, study, labels_only, other_study):
    labels_only.study = other_study
    labels_only.save()
    answer = client.post(
        f"/api/v1/studies/{study.slug}/scoring-imports/",
        {"file": [SimpleUploadedFile("S1.txt", LINES)], "recording": labels_only.pk},
    )
    assert answer.status_code == 400


def test_options_are_changed_on_the_page(send, client, labels_only):
    made = send({"x.txt": LINES})
    assert "no recording" in client.get(f"/scoring-imports/{made.pk}/").text
    again = {"scorer": "Anna", "make_nights": "on"}
    client.post(f"/scoring-imports/{made.pk}/again/", again)
    SCORING_IMPORTS.run(made.pk)
    assert "new recording" in client.get(f"/scoring-imports/{made.pk}/").text
    client.post(f"/scoring-imports/{made.pk}/discard/")
    assert "Discarded import" in client.get(f"/scoring-imports/{made.pk}/").text
