"""Room on the disk. Writing stops a little before the disk is full, so that reading goes on.

PostgreSQL stops altogether if it cannot extend its log, and Redis if it cannot extend its file.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from studies.troubles import DiskFullError

ROOM_BYTES = 40 * 2**20
"""Two segments of the log of PostgreSQL, and some."""

READING = {"GET", "HEAD", "OPTIONS"}


def folders() -> list[Path]:
    """Return the folders that the site writes to."""
    return list(dict.fromkeys([Path(settings.VAR), Path(settings.MEDIA_ROOT)]))


def free_bytes(folder: Path) -> int:
    """Return the free bytes of the disk below a folder, which may not exist yet."""
    return shutil.disk_usage(_existing(folder)).free


def total_bytes(folder: Path) -> int:
    return shutil.disk_usage(_existing(folder)).total


def _existing(folder: Path) -> Path:
    return next(part for part in [folder, *folder.parents] if part.exists())


def there_is_room() -> bool:
    return all(free_bytes(folder) >= ROOM_BYTES for folder in folders())


class WritingNeedsRoom:
    """Middleware that refuses to write while the disk is almost full."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        if request.method not in READING and not there_is_room():
            raise DiskFullError
