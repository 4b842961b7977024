"""A full disk, or a server that is away, is said in a sentence, on pages and to programs."""

import errno
import json
import time

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from redis import ConnectionError as RedisAwayError
from redis import ResponseError

from epochwise import requests
from jobs.beats import SENT_AT
from jobs.workers import connect
from studies.authentication import make_api_token, use_api_token
from studies.troubles import AwayError, DiskFullError, trouble_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DiskFullError),
        (OperationalError("could not extend file: No space left on device"), DiskFullError),
        (ResponseError("MISCONF Errors writing to the AOF file"), DiskFullError),
        (ResponseError("OOM command not allowed"), DiskFullError),
        (OperationalError("connection timeout expired"), AwayError),
        (RedisAwayError("refused"), AwayError),
    ],
)
def test_troubles_are_recognised(error, expected):
    assert isinstance(trouble_of(error), expected)


@pytest.mark.parametrize("error", [OSError(errno.ENOENT, "x"), ValueError("x")])
def test_other_errors_stay_errors(error):
    assert trouble_of(error) is None


def test_a_full_disk_refuses_to_write_and_goes_on_reading(client_of, lead, study, monkeypatch):
    monkeypatch.setattr(requests, "there_is_room", lambda: False)
    client: Client = client_of(lead)
    page = client.post("/login/", {"username": "x", "password": "y"})
    assert page.status_code == 507
    assert "disk of the site is full" in page.content.decode()
    assert client.get(f"/studies/{study.slug}/").status_code == 200


def written_by(queries: CaptureQueriesContext) -> set[str]:
    words = {query["sql"].split()[0] for query in queries}
    return words.intersection({"INSERT", "UPDATE", "DELETE"})


def test_without_room_reading_writes_nothing(client_of, lead, study, monkeypatch):
    _, token = make_api_token(user=lead, name="laptop", days=9)
    client: Client = client_of(lead)
    monkeypatch.setattr("jobs.room.ROOM_BYTES", 2**62)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/studies/{study.slug}/").status_code == 200
        assert use_api_token(token=token).user == lead
    assert not written_by(queries)
    monkeypatch.undo()
    with CaptureQueriesContext(connection) as queries:
        client.get("/")
        use_api_token(token=token)
    assert "UPDATE" in written_by(queries)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz"])
def test_health_answers_head_and_refuses_to_be_written(client, path, empty_queues):
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


def test_a_queue_whose_oldest_message_waits_while_nothing_ends_is_stuck(client, settings):
    old = {"headers": {SENT_AT: time.time() - settings.STUCK_AFTER_S - 60}}
    connect().rpush("default", json.dumps(old))
    try:
        answer = client.get("/healthz")
    finally:
        connect().rpop("default")
    assert answer.status_code == 503
    told = answer.json()
    assert told["status"] == "stuck"
    assert told["queues"]["default"]["state"] == "stuck"
    assert any("default" in problem and "waited" in problem for problem in told["problems"])
