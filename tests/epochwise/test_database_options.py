"""Options of connections: ours, and those that the address of the database has."""

import dj_database_url

from epochwise import database

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
