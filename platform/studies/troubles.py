"""Faults of the site that pass by themselves: a full disk, a database or Redis that is away.

They are shown as refusals, with what happened and what is safe, although the person did nothing
wrong. Code that answers with them must not use the database.
"""

import errno

from django.db import DatabaseError, InterfaceError, OperationalError
from redis import RedisError

from psg.errors import RefusedError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
DISK_FULL, LOCKED, TOO_SLOW = "53100", "55P03", "57014"  # codes of PostgreSQL
RETURNING = "Everything continues afterwards."


class TroubleError(RefusedError):
    """The site cannot do this at the moment."""

    status = 503


class DiskFullError(TroubleError):
    """There is no room for what should be written."""

    code = "disk_full"
    status = 507
    default = "The disk of the site is full. Nothing was saved; what was saved before is safe."

    def __init__(self) -> None:
        super().__init__(advice=f"Contact the administrator. {RETURNING}")


class AwayError(TroubleError):
    """A server behind the site does not answer."""

    code = "away"

    def __init__(self, server: str) -> None:
        super().__init__(
            f"{server} does not answer. What was saved before is safe",
            advice=f"Try again in a minute. {RETURNING}",
        )


class BusyError(TroubleError):
    """The database took too long."""

    code = "busy"
    default = "The database took too long. Nothing was saved."

    def __init__(self) -> None:
        super().__init__(advice="Try again in a minute.")


def trouble_of(error: BaseException) -> TroubleError | None:
    """Return the trouble behind an error; None if it is another fault."""
    if isinstance(error, TroubleError):
        return error
    if isinstance(error, DatabaseError | InterfaceError):
        return _database_trouble(error)
    if isinstance(error, RedisError):
        is_full = str(error).startswith(("MISCONF", "OOM"))
        return DiskFullError() if is_full else AwayError("Redis")
    if isinstance(error, OSError) and error.errno in FULL:
        return DiskFullError()
    return None


def _database_trouble(error: DatabaseError | InterfaceError) -> TroubleError | None:
    code = getattr(error.__cause__, "sqlstate", None)
    if code == DISK_FULL or "No space left" in str(error):
        return DiskFullError()
    if code in {LOCKED, TOO_SLOW}:
        return BusyError()
    if isinstance(error, OperationalError | InterfaceError):
        return AwayError("The database")
    return None
