"""A file that is deleted when the disk is full, so that the database can go on reading.

Also a session that only reads writes small files of the database; without room it is refused.
"""

import os
import shutil
from contextlib import suppress

from epochwise.embedded import paths

RESERVE_BYTES = 24 * 2**20
GIVE_BELOW_BYTES = 8 * 2**20
TAKE_ABOVE_BYTES = 120 * 2**20


def tend_reserve() -> None:
    """Give the reserve away on a full disk, and take it again when there is plenty of room."""
    file = paths.data_dir() / "reserve"
    with suppress(OSError):  # tried again soon
        free = shutil.disk_usage(file.parent).free
        if free < GIVE_BELOW_BYTES:
            file.unlink(missing_ok=True)
        elif free > TAKE_ABOVE_BYTES and not file.exists():
            with file.open("wb") as reserve:
                os.posix_fallocate(reserve.fileno(), 0, RESERVE_BYTES)
