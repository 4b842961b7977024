"""Uploads that are refused before their body is read, and those that cannot be finished."""

import errno
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from studies.models import Role
from tests.helpers.edf_files import edf_bytes
from tests.helpers.full_disk import no_file_beyond
from tests.helpers.nights import files_below

UPLOADS = ["recordings:upload", "annotations:api-massex-imports"]
MULTIPART = "multipart/form-data; boundary=x"
START = b'--x\r\nContent-Disposition: form-data; name="file"; filename="L.edf"\r\n\r\n'


class Unread(io.BytesIO):
    """A body of which every byte read is a fault."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def send(client: Client, url: str, body: io.BytesIO, *, length: int = 2000, **headers: Any):
    """Send a form with files that may have fewer bytes than it says."""
    sent = {"wsgi.input": body, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": MULTIPART}
    return client.generic("POST", url, **sent, **headers)


@pytest.mark.parametrize("name", UPLOADS)
def test_who_may_not_upload_is_refused_before_the_body_is_read(
    name, client_of, study, other_study, member
):
    url = reverse(name, args=[study.slug])
    others = [role for role in Role if role != Role.LEAD]
    of_study = [send(client_of(member(study, role)), url, Unread()) for role in others]
    assert {response.status_code for response in of_study} == {403}
    assert send(client_of(member(other_study, Role.LEAD)), url, Unread()).status_code == 404
    assert send(Client(), url, Unread()).status_code == 401


@pytest.mark.parametrize("name", UPLOADS)
def test_a_lead_is_refused_by_token_and_length_before_the_body_is_read(name, lead, study, settings):
    url = reverse(name, args=[study.slug])
    client = Client(enforce_csrf_checks=True)
    client.force_login(lead)
    refused = send(client, url, Unread())
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    client.cookies["csrftoken"] = "a" * 32
    too_large = send(client, url, Unread(), length=2**40, HTTP_X_CSRFTOKEN="a" * 32)
    assert (too_large.status_code, too_large.json()["code"]) == (413, "too_large")


def test_a_lead_with_the_token_in_the_header_uploads(lead, study):
    client = Client(enforce_csrf_checks=True, headers={"x-csrftoken": "a" * 32})
    client.force_login(lead)
    client.cookies["csrftoken"] = "a" * 32
    file = SimpleUploadedFile("night.edf", bytes(edf_bytes()))
    url = reverse("recordings:upload", args=[study.slug])
    assert client.post(url, {"file": file}).status_code == 201


@pytest.mark.parametrize("name", ["login", "studies:protocol", "studies:display"])
def test_other_addresses_take_no_files(name, lead, study, client_of, media):
    """Even the page on which people sign in would write a file of any size to the disk."""
    url = reverse(name, args=[study.slug] if name == "studies:protocol" else [])
    body = START + bytes(300_000) + b"\r\n--x--\r\n"
    for client in (Client(), client_of(lead), Client(enforce_csrf_checks=True)):
        response = send(client, url, io.BytesIO(body), length=len(body))
        assert response.status_code in {400, 401, 405, 415}
    assert files_below(media) == []


@pytest.mark.parametrize("name", UPLOADS)
def test_a_full_disk_is_told_and_nothing_is_left(name, lead, study, client_of, media):
    file = SimpleUploadedFile("night.csv", bytes(edf_bytes(seconds=600)))
    with no_file_beyond(50_000):
        response = client_of(lead).post(reverse(name, args=[study.slug]), {"file": file})
    assert (response.status_code, response.json()["code"]) == (507, "disk_full")
    assert "disk of the site is full" in response.json()["detail"]
    assert files_below(media) == []


def test_a_page_tells_of_a_full_disk(lead, study, client_of, monkeypatch):
    def full(**_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("studies.pages.set_phrases", full)
    url = reverse("studies:phrases", args=[study.slug])
    page = client_of(lead).post(url, {"phrases": ""})
    assert page.status_code == 507
    assert "disk of the site is full" in page.content.decode()


@pytest.mark.parametrize("name", UPLOADS)
def test_a_body_that_breaks_off_leaves_nothing(name, lead, study, client_of, media):
    body = START + bytes(edf_bytes())
    url = reverse(name, args=[study.slug])
    client = client_of(lead)
    response = send(client, url, io.BytesIO(body), length=10 * len(body))
    assert response.status_code == 400
    assert files_below(media) == []
