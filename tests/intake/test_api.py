"""The API of the intake queue, as its page uses it."""

import pytest
from django.urls import reverse

from recordings.intake.models import IntakeQueue
from recordings.models import Recording
from studies.models import Act, AuditEvent
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import add_file, run_all

JSON = "application/json"


@pytest.fixture
def client(client_of, lead):
    return client_of(lead)


@pytest.fixture
def queue(client, study) -> IntakeQueue:
    """A queue of two nights and a stage file, made by the API and read by the worker."""
    answer = client.post(reverse("recordings:api-intake", args=[study.slug]), {}, JSON)
    assert answer.status_code == 201
    queue = IntakeQueue.objects.get(pk=answer.json()["id"])
    add_file(queue, "S01-a.edf", edf_bytes(sfreq_hz=100))
    add_file(queue, "S02-b.edf", edf_bytes(sfreq_hz=100, seconds=90))
    add_file(queue, "odd_name.txt", b"W\nN2\n")
    run_all(queue)
    return queue


def address(queue: IntakeQueue, name: str = "queue", *rest: int) -> str:
    return reverse(f"recordings:api-intake-{name}", args=[queue.study.slug, queue.pk, *rest])


def test_a_queue_shows_its_nights_and_what_belongs_to_none(client, queue, study):
    state = client.get(address(queue)).json()
    assert [night["subject"] for night in state["nights"]] == ["S01-a", "S02-b"]
    assert [file["name"] for file in state["files"]] == ["odd_name.txt"]
    assert (state["counts"]["ready"], state["is_busy"], state["pages"]) == (2, False, 1)
    [listed] = client.get(reverse("recordings:api-intake", args=[study.slug])).json()["queues"]
    assert (listed["id"], listed["night_count"], listed["file_count"]) == (queue.pk, 2, 3)


def test_a_pattern_is_tried_before_it_is_set_and_kept(client, queue, study):
    pattern = {"pattern": "{subject}-*", "stages_pattern": "odd_{scorer}"}
    tried = client.post(address(queue, "pattern"), pattern, JSON).json()
    assert [row["subject"] for row in tried["rows"]] == ["S01", "S02"]
    assert client.post(address(queue, "pattern"), {"pattern": "{x}"}, JSON).json()["problem"]
    assert client.get(address(queue)).json()["nights"][0]["subject"] == "S01-a"
    state = client.patch(address(queue), {**pattern, "keep_pattern": True}, JSON).json()
    assert [night["subject"] for night in state["nights"]] == ["S01", "S02"]
    assert study.intake_rules.get().value == {"recordings": "{subject}-*", "stages": "odd_{scorer}"}
    assert client.patch(address(queue), {"pattern": "{x}"}, JSON).status_code == 400


def test_rows_are_edited_examined_and_imported(client, queue, study, lead):
    first, second = (night["id"] for night in client.get(address(queue)).json()["nights"])
    file = client.get(address(queue)).json()["files"][0]["id"]
    placed = client.patch(address(queue, "file", file), {"night": first, "scorer": "A"}, JSON)
    assert placed.json()["night"] == first
    edited = {"subject": "P1", "number": 2, "decisions": {"mains_hz": 60}}
    night = client.patch(address(queue, "night", first), edited, JSON).json()
    assert (night["shown_name"], night["state"]) == ("P1 night 2", "waiting")
    assert client.patch(address(queue, "night", first), {"subject": "A B"}, JSON).status_code == 400
    run_all(queue)
    signals = client.get(address(queue, "signals", first), {"window": "1"}).json()
    assert len(signals["channels"][0]["values"]) == 30 * 100
    assert client.delete(address(queue, "night", second)).status_code == 204
    done = client.post(address(queue, "import"), {}, JSON).json()
    assert [(each["night"], each["name"]) for each in done["imported"]] == [(first, "P1 night 2")]
    recording = Recording.objects.get()
    assert recording.ingest.decisions["mains_hz"] == 60
    assert recording.ingest.stage_sources[0].scorer == "A"
    act = AuditEvent.objects.get(act=Act.INTAKE_IMPORTED)
    assert (act.user, act.details) == (lead, {"recordings": [recording.pk]})
    assert client.post(address(queue, "import"), {}, JSON).status_code == 409


def test_names_that_are_taken_are_refused_one_by_one(client, queue, study):
    first, second = (night["id"] for night in client.get(address(queue)).json()["nights"])
    for night in (first, second):
        client.patch(address(queue, "night", night), {"subject": "P1", "number": 1}, JSON)
    run_all(queue)
    done = client.post(address(queue, "import"), {}, JSON).json()
    assert len(done["imported"]) == len(done["refused"]) == 1
    assert "P1 night 1" in done["refused"][0]["error"]
