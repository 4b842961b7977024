"""Options of connections: ours, and those that the address of the database has."""

import dj_database_url
import psycopg
import pytest

from epochwise import database
from epochwise.database import base

ADDRESS = "postgres://ada:x@db.example.org/sleep?sslmode=verify-full&options=-c%20search_path%3Dlab"


def test_tls_and_options_of_the_address_are_kept(monkeypatch):
    given = dj_database_url.parse(ADDRESS)["OPTIONS"]
    assert database.options(given)["sslmode"] == "verify-full"
    assert database.options(given)["options"] == "-c search_path=lab"
    monkeypatch.setenv(database.FOR_REQUESTS, "1")
    assert database.options(given)["sslmode"] == "verify-full"
    options = str(database.options(given)["options"])
    assert options.startswith("-c lock_timeout=15s -c statement_timeout=30s")
    assert options.endswith("-c search_path=lab")


def test_the_address_has_the_last_word():
    assert database.options({})["connect_timeout"] == database.CONNECT_WITHIN_S
    assert database.options({"connect_timeout": 2})["connect_timeout"] == 2


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
