"""Waiting until another connection waits for a lock of this one."""

import time

import pytest
from django.db import connection


def wait_for_a_blocked_lock() -> None:
    """Return once a connection waits for a lock; fail after ten seconds."""
    with connection.cursor() as cursor:
        for _ in range(500):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    pytest.fail("Nobody waits for this transaction.")
