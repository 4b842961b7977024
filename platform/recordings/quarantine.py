"""The quarantine: files without a row lie here for 30 days before they are deleted.

`quarantine/<date>/` has them under their path in the store, beside a manifest that says when and
why. Within a file system they are moved by renaming, which works on a full disk too.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from psg.errors import RefusedError
from recordings.store import QUARANTINE, store_root

KEPT_FOR = timedelta(days=30)
MANIFEST = "manifest.jsonl"


class QuarantineError(RefusedError):
    """A file cannot be restored; the message gives the reason."""

    code = "quarantine"
    status = 409


@dataclass(frozen=True)
class QuarantinedFile:
    """A file or folder in quarantine. `path` is where it lay in the store."""

    day: str
    path: str
    at: datetime
    why: str

    @property
    def name(self) -> str:
        """As commands list and take it."""
        return f"{self.day}/{self.path}"

    @property
    def place(self) -> Path:
        return _root() / self.day / self.path

    @property
    def size(self) -> int:
        files = self.place.rglob("*") if self.place.is_dir() else [self.place]
        return sum(path.stat().st_size for path in files if path.is_file())


def _root() -> Path:
    return store_root() / QUARANTINE


def put_into_quarantine(path: str, *, why: str) -> QuarantinedFile:
    """Move a file or folder of the store into quarantine.

    The line of the manifest is written first: on a full disk nothing is moved without it.

    Raises
    ------
    OSError
    """
    now = timezone.now()
    entry = QuarantinedFile(_free_day(now, path), path, now, why)
    entry.place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    line = {"path": path, "at": now.isoformat(), "why": why}
    with (_root() / entry.day / MANIFEST).open("a") as manifest:
        manifest.write(json.dumps(line) + "\n")
    shutil.move(store_root() / path, entry.place)
    return entry


def _free_day(now: datetime, path: str) -> str:
    """Return a folder of today in which no file has this path."""
    day = name = f"{now:%Y-%m-%d}"
    number = 1
    while (_root() / name / path).exists():
        number += 1
        name = f"{day}.{number}"
    return name


def quarantined_files() -> list[QuarantinedFile]:
    """Return what is in quarantine, oldest first."""
    days = sorted(_root().iterdir()) if _root().is_dir() else []
    found = [entry for day in days if day.is_dir() for entry in _in_day(day)]
    return sorted(found, key=lambda entry: (entry.at, entry.name))


def _in_day(day: Path) -> Iterator[QuarantinedFile]:
    listed = {entry.path: entry for entry in _listed(day)}
    covered = [entry.place for entry in listed.values()]
    yield from (entry for entry in listed.values() if entry.place.exists())
    for path in day.rglob("*"):
        is_covered = any(path.is_relative_to(place) for place in covered)
        if path.is_file() and path.name != MANIFEST and not is_covered:
            at = datetime.fromtimestamp(path.stat().st_ctime, tz=UTC)
            yield QuarantinedFile(day.name, str(path.relative_to(day)), at, "not in the manifest")


def _listed(day: Path) -> Iterator[QuarantinedFile]:
    manifest = day / MANIFEST
    for text in manifest.read_text().splitlines() if manifest.exists() else ():
        try:
            line = json.loads(text)
            at = datetime.fromisoformat(line["at"])
            yield QuarantinedFile(day.name, str(line["path"]), at, str(line["why"]))
        except (ValueError, KeyError, TypeError):
            continue  # a line cut short by a full disk: its file was not moved


def restore_from_quarantine(name: str) -> Path:
    """Move a file back to its place in the store; the sweeps ignore it for a day.

    Raises
    ------
    QuarantineError
    """
    entry = next((entry for entry in quarantined_files() if entry.name == name), None)
    if entry is None:
        raise QuarantineError(
            f"{name} is not in quarantine.", advice="See: manage.py quarantine list"
        )
    place = store_root() / entry.path
    if place.exists():
        raise QuarantineError(f"{entry.path} exists in the store. Nothing was changed.")
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    shutil.move(entry.place, place)
    os.utime(place)
    _tidy(entry.day)
    return place


def empty_quarantine(*, older_than: timedelta = KEPT_FOR) -> list[QuarantinedFile]:
    """Delete what has been in quarantine for longer; return it."""
    deadline = timezone.now() - older_than
    return drop_from_quarantine([entry for entry in quarantined_files() if entry.at <= deadline])


def drop_from_quarantine(entries: list[QuarantinedFile]) -> list[QuarantinedFile]:
    for entry in entries:
        if entry.place.is_dir():
            shutil.rmtree(entry.place)
        else:
            entry.place.unlink(missing_ok=True)
    for day in {entry.day for entry in entries}:
        _tidy(day)
    return entries


def _tidy(day: str) -> None:
    """Remove the folders of a day that are empty now, and at last its manifest."""
    folder = _root() / day
    below = sorted(folder.rglob("*"), key=lambda path: len(path.parts), reverse=True)
    for path in below:
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    if [path.name for path in folder.iterdir()] == [MANIFEST]:
        (folder / MANIFEST).unlink()
        folder.rmdir()
