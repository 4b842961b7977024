"""Room on the disk. Writing stops a little before the disk is full, so that reading goes on.

PostgreSQL stops altogether if it cannot extend its log, and Redis if it cannot extend its file.
"""

import shutil
from pathlib import Path

from django.conf import settings

ROOM_BYTES = 40 * 2**20
"""Two segments of the log of PostgreSQL, and some."""


def folders() -> list[Path]:
    """Return the folders that the site writes to."""
    named = (settings.VAR, settings.DATABASE_FOLDER, settings.MEDIA_ROOT)
    return list(dict.fromkeys(map(Path, named)))


def free_bytes(folder: Path) -> int:
    """Return the free bytes of the disk below a folder, which may not exist yet."""
    return shutil.disk_usage(_existing(folder)).free


def total_bytes(folder: Path) -> int:
    return shutil.disk_usage(_existing(folder)).total


def _existing(folder: Path) -> Path:
    return next(part for part in [folder, *folder.parents] if part.exists())


def there_is_room() -> bool:
    """Return whether the disks have room. A disk that does not answer is not called full."""
    try:
        return all(free_bytes(folder) >= ROOM_BYTES for folder in folders())
    except OSError:
        return True
