"""The API of the intake queue, as its page uses it."""

import pytest
from django.urls import reverse

from recordings.intake.models import IntakeQueue
from recordings.intake.reading_files import INTAKE_FILES
from recordings.models import Recording
from studies.models import Act, AuditEvent
from tests.helpers.edf_files import edf_bytes
from tests.helpers.intake import add_file, run_all

pytestmark = pytest.mark.long

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


def test_an_answer_for_all_reaches_the_recordings_that_it_can_be_about(client, queue):
    add_file(queue, "S03.edf", edf_bytes(["C4-M1", "other"], sfreq_hz=100))
    run_all(queue)
    asked = {"what": "?", "where": "", "assumed": "", "option": "", "choices": []}
    codes = ("mains", "start_clock", "epoch_start", "unit_C4-M1", "assumed_chin")
    first, second, other = queue.nights.order_by("pk")
    first.doubts = [{"code": code, **asked} for code in codes]
    first.save()
    url = address(queue, "answers", first.pk)

    def answer(code: str, value: str) -> tuple[int, int | None]:
        said = client.post(url, {"doubt": code, "value": value, "all": True}, JSON)
        return said.status_code, said.json().get("changed")

    for code, value in (("start_clock", "22:00:00"), ("epoch_start", "10")):
        assert answer(code, value) == (400, None)
    assert answer("mains", "60") == (200, 3)
    assert answer("unit_C4-M1", "mV") == (200, 2)
    assert answer("assumed_chin", "C4-M1") == (200, 2)
    for night in (first, second, other):
        night.refresh_from_db()
    assert first.decisions == second.decisions
    assert (other.decisions["mains_hz"], other.decisions["units"]) == (60, {})
    assert other.decisions["channels"] == {}


def test_a_request_that_is_refused_in_part_changes_nothing(client, queue):
    first = queue.nights.order_by("pk").first()
    file = queue.files.get(kind="stages")
    body = {"subject": "P1", "decisions": {"mains_hz": "x"}}
    assert client.patch(address(queue, "night", first.pk), body, JSON).status_code == 400
    body = {"night": first.pk, "options": {"first_epoch": "x"}}
    assert client.patch(address(queue, "file", file.pk), body, JSON).status_code == 400
    file.refresh_from_db()
    assert (queue.nights.get(pk=first.pk).subject, file.night) == ("S01-a", None)


def test_the_last_file_that_others_wait_for_may_be_removed(client, queue):
    """Files are matched when all are read: also when the last of them is given up."""
    late = add_file(queue, "S09.edf", edf_bytes(sfreq_hz=100, seconds=120))
    add_file(queue, "S03-c.edf", edf_bytes(["C4-M1"], sfreq_hz=100))
    INTAKE_FILES.run(queue.files.get(name="S03-c.edf").pk)
    assert queue.nights.count() == 2
    url = reverse("recordings:api-intake-upload", args=[queue.study.slug, queue.pk, late.path])
    assert client.delete(url, HTTP_TUS_RESUMABLE="1.0.0").status_code == 204
    assert queue.nights.count() == 3
