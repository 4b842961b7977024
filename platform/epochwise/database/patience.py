"""Questions that the database answers within seconds, or not at all."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.db import connection, transaction

T = TypeVar("T")

ANSWER_WITHIN_S = 2.0


def patient(look: Callable[[], T]) -> Callable[[], T]:
    """Let the database cancel what it does not answer in time."""

    @wraps(look)
    def look_in_time() -> T:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(1000 * ANSWER_WITHIN_S)}")
            return look()

    return look_in_time
