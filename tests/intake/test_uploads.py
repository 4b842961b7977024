"""Resumable uploads into a queue: the tus protocol, its limits, and who may send."""

import base64

import pytest
from django.test import Client
from django.urls import reverse

from jobs.room import ROOM_BYTES
from recordings.incoming import incoming_path, part_path
from recordings.intake.models import IntakeFile, IntakeQueue
from recordings.intake.receiving import open_queue
from studies.authentication import make_api_token
from tests.helpers.nights import files_below

TUS = {"HTTP_TUS_RESUMABLE": "1.0.0"}
PIECE = "application/offset+octet-stream"


@pytest.fixture
def queue(study, lead) -> IntakeQueue:
    return open_queue(study=study, user=lead)


@pytest.fixture
def client(client_of, lead):
    return client_of(lead)


def create(client, queue, name: str = "S01/night.edf", size: int = 6, **headers):
    encoded = base64.b64encode(name.encode()).decode()
    url = reverse("recordings:api-intake-uploads", args=[queue.study.slug, queue.pk])
    headers = {"HTTP_UPLOAD_LENGTH": str(size), **TUS, **headers}
    return client.post(url, headers=None, HTTP_UPLOAD_METADATA=f"filename {encoded}", **headers)


def send(client, url: str, data: bytes, offset: int, content_type: str = PIECE):
    return client.patch(url, data, content_type, HTTP_UPLOAD_OFFSET=str(offset), **TUS)


def test_a_file_arrives_in_pieces(client, queue):
    url = create(client, queue)["Location"]
    assert send(client, url, b"abc", 0)["Upload-Offset"] == "3"
    asked = client.head(url, **TUS)
    assert (asked["Upload-Offset"], asked["Upload-Length"]) == ("3", "6")
    assert asked["Cache-Control"] == "no-store"
    assert send(client, url, b"def", 3).status_code == 204
    file = IntakeFile.objects.get()
    assert (file.state, file.name) == ("waiting", "S01/night.edf")
    assert incoming_path(file.path).read_bytes() == b"abcdef"
    assert "night" not in file.path


def test_a_piece_that_does_not_continue_what_arrived_is_refused(client, queue):
    url = create(client, queue)["Location"]
    send(client, url, b"abc", 0)
    assert send(client, url, b"def", 0).status_code == 409
    assert part_path(IntakeFile.objects.get().path).read_bytes() == b"abc"


def test_more_than_was_announced_is_refused_and_leaves_what_was_there(client, queue):
    url = create(client, queue)["Location"]
    send(client, url, b"abc", 0)
    assert send(client, url, b"defghij", 3).status_code == 413
    assert client.head(url, **TUS)["Upload-Offset"] == "3"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"HTTP_UPLOAD_LENGTH": str(10**15)}, 413),
        ({"HTTP_UPLOAD_LENGTH": "-1"}, 409),
        ({"HTTP_UPLOAD_LENGTH": "0"}, 400),
        ({"HTTP_TUS_RESUMABLE": "0.2"}, 412),
    ],
)
def test_what_cannot_be_taken_is_refused_before_it_is_sent(client, queue, headers, status):
    assert create(client, queue, **headers).status_code == status
    assert not IntakeFile.objects.exists()


def test_a_full_disk_is_told_before_anything_is_sent(client, queue, monkeypatch):
    monkeypatch.setattr("recordings.intake.receiving.free_bytes", lambda folder: 1000)
    assert create(client, queue).status_code == 507


def test_uploads_that_are_under_way_count_with_what_they_still_need(client, queue, monkeypatch):
    free = 2 * ROOM_BYTES + 10
    monkeypatch.setattr("recordings.intake.receiving.free_bytes", lambda folder: free)
    url = create(client, queue, "one.edf", 8)["Location"]
    assert create(client, queue, "two.edf", 4).status_code == 507
    send(client, url, b"abc", 0)  # 3 of 8: the disk has 3 bytes less, and 5 are missing
    free -= 3
    assert create(client, queue, "three.edf", 3).status_code == 507
    assert create(client, queue, "two.edf", 2).status_code == 201


def test_a_name_that_the_queue_has_is_refused(client, queue):
    """Parts of recordings and stage files are matched by name."""
    create(client, queue, "S01.eeg")
    refused = create(client, queue, "./S01.eeg")
    assert (refused.status_code, refused.json()["code"]) == (409, "name_taken")
    assert "S01.eeg" in refused.json()["detail"]
    assert create(client, queue, "S02/S01.eeg").status_code == 201
    assert create(client, queue, "S01.EEG").status_code == 201
    another = open_queue(study=queue.study, user=None)
    assert create(client, another, "S01.eeg").status_code == 201


def test_a_token_learns_how_much_arrived_and_changes_nothing(client, queue, lead):
    url = create(client, queue)["Location"]
    file = IntakeFile.objects.get()
    send(client, url, b"abc", 0)
    with part_path(file.path).open("ab") as part:
        part.write(b"def")
    before = IntakeQueue.objects.values().get()
    _, token = make_api_token(user=lead, name="reader", days=1)
    asked = Client().head(url, headers={"Authorization": f"Bearer {token}"}, **TUS)
    assert (asked.status_code, asked["Upload-Offset"]) == (200, "6")
    file.refresh_from_db()
    assert (file.state, IntakeQueue.objects.values().get()) == ("receiving", before)
    assert client.head(url, **TUS).status_code == 200
    file.refresh_from_db()
    assert file.state == "waiting"


@pytest.mark.parametrize(
    "name",
    ["", "a\nb", "../..", "x" * 500, "x" * 5000, "a\0b", "exe.\N{RIGHT-TO-LEFT OVERRIDE}fde"],
)
def test_names_that_cannot_be_shown_are_refused(client, queue, name):
    refused = create(client, queue, name)
    assert refused.status_code == 400
    assert "Rename it." in refused.json()["detail"]


@pytest.mark.parametrize(
    "name", ["ليلة.edf", "夜\N{IDEOGRAPHIC SPACE}一.edf", "می\N{ZERO WIDTH NON-JOINER}روم.edf"]
)
def test_names_in_any_script_are_taken(client, queue, name):
    assert create(client, queue, name).status_code == 201
    assert IntakeFile.objects.get().name == name


def test_folders_above_are_no_part_of_a_name(client, queue):
    create(client, queue, "..\\S01/./night.edf")
    assert IntakeFile.objects.get().name == "S01/night.edf"


def test_an_upload_that_is_given_up_leaves_nothing(
    client, queue, media, django_capture_on_commit_callbacks
):
    url = create(client, queue)["Location"]
    send(client, url, b"abc", 0)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.delete(url, **TUS).status_code == 204
    assert files_below(media / "incoming") == []
    assert client.head(url, **TUS).status_code == 404


def test_another_content_type_is_refused(client, queue):
    url = create(client, queue)["Location"]
    assert send(client, url, b"abc", 0, "text/plain").status_code == 415


def test_what_the_server_can_do_is_told(client, queue):
    url = reverse("recordings:api-intake-uploads", args=[queue.study.slug, queue.pk])
    answer = client.options(url)
    assert answer["Tus-Version"] == "1.0.0"
    assert answer["Tus-Extension"] == "creation,termination,expiration"


def test_a_queue_of_another_study_is_not_found(client, queue):
    other = reverse("recordings:api-intake-uploads", args=["elsewhere", queue.pk])
    assert client.post(other, **TUS).status_code == 404


def test_a_file_whose_process_was_killed_after_the_last_piece_is_handed_on(client, queue):
    url = create(client, queue)["Location"]
    send(client, url, b"abc", 0)
    file = IntakeFile.objects.get()
    with part_path(file.path).open("ab") as part:
        part.write(b"def")
    assert client.head(url, **TUS)["Upload-Offset"] == "6"
    file.refresh_from_db()
    assert file.state == "waiting"
    assert client.head(url, **TUS)["Upload-Offset"] == "6"
