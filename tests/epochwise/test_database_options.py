"""Options of connections to the database: those of DATABASE_URL stay in force."""

import dj_database_url
import psycopg
import pytest

from epochwise import database
from epochwise.database import base


@pytest.mark.parametrize("answers_requests", ["", "1"])
def test_tls_and_options_of_the_address_are_used(monkeypatch, answers_requests):
    monkeypatch.setenv(database.FOR_REQUESTS, answers_requests)
    address = "postgres://u:p@db.example/x?sslmode=verify-full&options=-c%20search_path%3Dlab"
    options = database.options(dj_database_url.parse(address)["OPTIONS"])
    assert options["sslmode"] == "verify-full"
    assert "-c search_path=lab" in options["options"]
    assert ("statement_timeout" in options["options"]) == bool(answers_requests)


def test_the_address_may_set_a_limit_of_its_own(monkeypatch):
    monkeypatch.setenv(database.FOR_REQUESTS, "1")
    options = database.options({"options": "-c statement_timeout=5s", "connect_timeout": 9})
    assert options["connect_timeout"] == 9
    assert options["options"].endswith("-c statement_timeout=5s")


def test_while_the_server_is_silent_one_thread_tries_and_the_others_fail_at_once(monkeypatch):
    now = 100.0
    monkeypatch.setattr(base.time, "monotonic", lambda: now)
    absence = base.Absence()
    absence.refuse()
    absence.begin()
    with pytest.raises(psycopg.OperationalError, match="does not answer"):
        absence.refuse()
    now += base.TRIED_AGAIN_AFTER_S
    absence.refuse()
    with pytest.raises(psycopg.OperationalError, match="does not answer"):
        absence.refuse()
    absence.end()
    absence.refuse()
