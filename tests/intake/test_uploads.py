"""Resumable uploads into a queue: the tus protocol, its limits, and who may send."""

import base64

import pytest
from django.urls import reverse

from recordings.incoming import incoming_path, part_path
from recordings.intake.models import IntakeFile, IntakeQueue
from recordings.intake.receiving import open_queue
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


@pytest.mark.parametrize("name", ["", "a\nb", "../..", "x" * 500])
def test_names_that_cannot_be_shown_are_refused(client, queue, name):
    assert create(client, queue, name).status_code == 400


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
