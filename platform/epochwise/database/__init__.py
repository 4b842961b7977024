"""The database of Django, with an end to waiting for it in processes that answer requests.

A statement of a worker or of a command may take long. One of a request may not: its thread is
missing for others. Timeouts of the server end a slow statement; a timeout here ends the wait for a
server that hangs.
"""

import os
from collections.abc import Mapping
from typing import Any

FOR_REQUESTS = "EPOCHWISE_FOR_REQUESTS"
"""Variable that is set in processes that answer requests."""

CONNECT_WITHIN_S = 5
LOCK_WITHIN_S = 15
STATEMENT_WITHIN_S = 30
IDLE_WITHIN_S = 120
FIRST_ANSWER_WITHIN_S = 5
ANSWER_WITHIN_S = STATEMENT_WITHIN_S + 5


def answers_requests() -> bool:
    return os.environ.get(FOR_REQUESTS) == "1"


def options(address: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of connections of this process.

    Parameters
    ----------
    address
        The parameters that DATABASE_URL gives, such as those of TLS. They are used too, and come
        first where both say the same.
    """
    # A server that is gone without a word is noticed after about a minute (TCP only).
    common: dict[str, Any] = {
        "connect_timeout": CONNECT_WITHIN_S,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
    }
    if not answers_requests():
        return {**common, **address}
    limits_s = {
        "lock_timeout": LOCK_WITHIN_S,
        "statement_timeout": STATEMENT_WITHIN_S,
        "idle_in_transaction_session_timeout": IDLE_WITHIN_S,
    }
    limits = [f"-c {name}={limit_s}s" for name, limit_s in limits_s.items()]
    # Of two values for a setting the server takes the last.
    return {**common, **address, "options": " ".join([*limits, str(address.get("options", ""))])}
