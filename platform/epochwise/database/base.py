"""The PostgreSQL backend, whose connections do not wait for ever for a server that hangs."""

from types import SimpleNamespace
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.abc import RV, PQGen

from epochwise.database import ANSWER_WITHIN_S, answers_requests


class Connection(psycopg.Connection[Any]):
    """A connection that is given up if the server is silent for too long."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        try:
            return super().wait(gen, interval, timeout or ANSWER_WITHIN_S)
        except psycopg.errors._WaitTimeout as error:
            self.pgconn.finish()  # a late answer would be taken for that of the next query
            raise psycopg.OperationalError("the database does not answer") from error


class DatabaseWrapper(base.DatabaseWrapper):
    if answers_requests():
        # The backend has no other way to use a class of connections.
        Database = SimpleNamespace(  # type: ignore[assignment]
            **{**vars(psycopg), "connect": Connection.connect}
        )
