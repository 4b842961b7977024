"""The PostgreSQL backend, whose connections do not wait for ever for a server that hangs."""

import time
from threading import Lock
from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.abc import RV, PQGen

from epochwise.database import (
    ANSWER_WITHIN_S,
    CONNECT_WITHIN_S,
    FIRST_ANSWER_WITHIN_S,
    answers_requests,
    options,
)

AWAY = "the database does not answer"
TRIED_AGAIN_AFTER_S = 5.0


class Absence:
    """Whether the server was found silent, for all threads of this process.

    While it is, a single request in some seconds tries to connect, and the others fail at once: so
    threads are left for what needs no database.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.is_away = False
        self._try_at = 0.0

    def refuse(self) -> None:
        """Refuse to wait for a server that is silent, unless it is time to try again."""
        with self._lock:
            now = time.monotonic()
            if self.is_away and now < self._try_at:
                raise psycopg.OperationalError(AWAY)
            self._try_at = now + CONNECT_WITHIN_S + TRIED_AGAIN_AFTER_S

    def begin(self) -> None:
        with self._lock:
            self.is_away = True
            self._try_at = time.monotonic() + TRIED_AGAIN_AFTER_S

    def end(self) -> None:
        self.is_away = False


absence = Absence()


class Connection(psycopg.Connection[Any]):
    """A connection that is given up if the server is silent for too long."""

    answer_within_s: float = ANSWER_WITHIN_S

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> "Connection":
        absence.refuse()
        try:
            made = super().connect(*args, **kwargs)
        except psycopg.errors.ConnectionTimeout:
            absence.begin()
            raise
        absence.end()
        return made

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, timeout or self.answer_within_s)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()  # a late answer would be taken for that of the next query
            absence.begin()
            raise psycopg.OperationalError(AWAY) from error


def connect(*args: Any, **kwargs: Any) -> psycopg.Connection[Any]:
    made = Connection if answers_requests() else psycopg.Connection
    return made.connect(*args, **kwargs)


class DatabaseWrapper(base.DatabaseWrapper):
    # The backend has no other way to use a class of connections.
    Database = SimpleNamespace(**{**vars(psycopg), "connect": connect})  # type: ignore[assignment]

    def get_connection_params(self) -> dict[str, Any]:
        return options(super().get_connection_params())

    def is_usable(self) -> bool:
        """Ask whether the server answers before the first statement of a request, and soon."""
        asked = self.connection
        if not isinstance(asked, Connection):
            return super().is_usable()
        if absence.is_away:
            return False
        asked.answer_within_s = FIRST_ANSWER_WITHIN_S
        try:
            return super().is_usable()
        finally:
            asked.answer_within_s = ANSWER_WITHIN_S
