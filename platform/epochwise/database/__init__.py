"""The database of Django, with an end to waiting for it in processes that answer requests.

A statement of a worker or of a command may take long. One of a request may not: its thread is
missing for others. Timeouts of the server end a slow statement; a timeout here ends the wait for a
server that hangs.
"""

import os
from collections.abc import Mapping

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


def options(given: Mapping[str, object]) -> dict[str, object]:
    """Return the options of connections of this process: ours, and those of DATABASE_URL."""
    # A server that is gone without a word is noticed after about a minute (TCP only).
    common: dict[str, object] = {
        "connect_timeout": CONNECT_WITHIN_S,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        **given,
    }
    if not answers_requests():
        return common
    limits_s = {
        "lock_timeout": LOCK_WITHIN_S,
        "statement_timeout": STATEMENT_WITHIN_S,
        "idle_in_transaction_session_timeout": IDLE_WITHIN_S,
    }
    ours = [f"-c {name}={limit}s" for name, limit in limits_s.items()]
    return {**common, "options": " ".join([*ours, str(given.get("options", ""))]).strip()}
