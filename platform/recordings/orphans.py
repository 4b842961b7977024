"""The hourly sweep of the store: files without a row go to quarantine.

A file without a row may be what a killed process left behind, or the sign that the wrong database
is in use or was restored from an old backup. So nothing is swept in the store of another database,
nothing younger than a day, at most a small share at once, and never a release. Ages are only as
good as the clock: after a jump of it all sweeps wait for a day, so that a person can correct it.
"""

import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from recordings.incoming import PART_SUFFIX
from recordings.models import Ingest, IntakeFile, StoreIdentity
from recordings.quarantine import empty_quarantine, put_into_quarantine
from recordings.store import file_folders, store_problem, store_root, stored_folders

LEFT_BEHIND_AFTER = timedelta(days=1)
# Sweeps are hourly. A longer pause may be a clock that jumped, and makes fresh files look old.
LONGEST_PAUSE = LEFT_BEHIND_AFTER
CLOCK_MAY_GO_BACK = timedelta(hours=1)
HELD_FOR = timedelta(days=1)
# More at once is no leftover of a killed process: a twentieth of a large store, up to ten files of
# a smaller one but never more than a fifth of it, and at least one.
MOST_SHARE = 0.05
# Releases are final: a zip without a row is reported, and a person decides.
MOST_AT_ONCE = 10
MOST_SHARE_OF_SMALL = 0.2
NEVER_SWEPT = frozenset({"releases"})

log = logging.getLogger(__name__)


@dataclass
class Sweep:
    """What a sweep did; `warning` is for the owner of the site."""

    moved: list[str] = field(default_factory=list)
    deleted: int = 0
    warning: str = ""


def sweep_store(*, at_once: int | None = None) -> Sweep:
    """Move files without a row into quarantine, and empty it of what is older than 30 days.

    With `at_once`, a person asks for it: so many files may be moved, and nothing else is done.
    """
    with transaction.atomic():
        # The lock lets a single sweep run at a time.
        row = StoreIdentity.objects.select_for_update(skip_locked=True).first()
        if row is None and StoreIdentity.objects.exists():
            return Sweep()
        sweep = Sweep(warning=store_problem())
        if row is not None and at_once is None:
            sweep.warning = sweep.warning or _held_since_the_clock_jumped(row)
            row.swept_at = timezone.now()
        if not sweep.warning:
            _sweep(sweep, at_once)
        if row is not None:
            row.warning = sweep.warning
            row.save(update_fields=["swept_at", "held_until", "warning"])
    if sweep.warning:
        log.warning("%s", sweep.warning)
    if sweep.moved:
        log.warning("%s files without a row were moved to quarantine", len(sweep.moved))
    return sweep


def sweeps_are_held() -> bool:
    """Whether nothing may be deleted by its age, since the clock has jumped."""
    row, now = StoreIdentity.objects.first(), timezone.now()
    return row is not None and (_has_jumped(row, now) or _is_held(row, now))


def _held_since_the_clock_jumped(row: StoreIdentity) -> str:
    """Return why nothing is swept now, or ""; a jump that is noticed holds the next day up."""
    now = timezone.now()
    if _has_jumped(row, now):
        row.held_until = now + HELD_FOR
    if not _is_held(row, now):
        return ""
    return (
        f"The clock of the server has jumped, or the site was off: the last sweep was at"
        f" {row.swept_at:%Y-%m-%d %H:%M} UTC, this one at {now:%Y-%m-%d %H:%M} UTC. No file is"
        f" swept before {row.held_until:%Y-%m-%d %H:%M} UTC. Check the clock."
    )


def _has_jumped(row: StoreIdentity, now: datetime) -> bool:
    if row.swept_at is None:
        return False
    return not -CLOCK_MAY_GO_BACK <= now - row.swept_at <= LONGEST_PAUSE


def _is_held(row: StoreIdentity, now: datetime) -> bool:
    return row.held_until is not None and now < row.held_until


def _sweep(sweep: Sweep, at_once: int | None) -> None:
    if at_once is None:
        sweep.deleted = _delete([*_uncommitted(), *_imported()])
        empty_quarantine()
    stored = _look()
    most = at_once or _most_at_once(stored.count)
    warnings = []
    if len(stored.strays) > most:
        warnings.append(
            f"{len(stored.strays)} stored files have no row in the database, more than the {most}"
            " that are moved at once. Nothing was moved. Check that this is the right database and"
            " that it is whole. To move them anyway: manage.py quarantine move"
        )
    else:
        sweep.moved = _move(stored.strays)
    if stored.releases:
        warnings.append(
            f"{stored.releases} files in releases/ belong to no release. They are never swept."
        )
    sweep.warning = " ".join(warnings)


def _most_at_once(count: int) -> int:
    of_small = min(MOST_AT_ONCE, int(MOST_SHARE_OF_SMALL * count))
    return max(1, of_small, int(MOST_SHARE * count))


@dataclass
class _Files:
    """How many files the store has, those without a row, and how many of releases have none."""

    count: int = 0
    strays: list[Path] = field(default_factory=list)
    releases: int = 0


def _look() -> _Files:
    """Look at files first and at rows afterwards: a file stored in between has its row then."""
    incoming = _children(Path(settings.INCOMING_ROOT))
    strays = unclaimed_uploads()
    files = {folder: _entries(folder) for folder in file_folders()}
    stored = _Files(count=len(incoming) + sum(map(len, files.values())))
    stored.strays = strays
    for folder in stored_folders():
        strays = [
            path
            for path in files.get(folder.name, ())
            if _relative(path) not in folder.known and _is_old(path)
        ]
        if folder.name in NEVER_SWEPT:
            stored.releases += len(strays)
        else:
            stored.strays += strays
    return stored


def unclaimed_uploads() -> list[Path]:
    """Return old uploads, with their work folders and previews, that nobody needs."""
    incoming = _children(Path(settings.INCOMING_ROOT))
    needed = _needed_incoming()
    # The work folder of x.edf is x.edf.1, of its second attempt x.edf.2.
    return [p for p in incoming if not {p.name, p.stem} & needed and _is_old(p)]


def _move(strays: Sequence[Path]) -> list[str]:
    moved = []
    for path in strays:
        try:
            put_into_quarantine(_relative(path), why="no row of the database names it")
            moved.append(_relative(path))
        except FileNotFoundError:
            continue  # its own process has just removed it
    return moved


def _needed_incoming() -> set[str]:
    """Return the uploads that an ingest or a queue of an intake still needs."""
    queued = set(IntakeFile.objects.values_list("path", flat=True))
    return queued | _incoming_names([Ingest.State.WAITING, Ingest.State.RUNNING])


def _incoming_names(states: Sequence[Ingest.State]) -> set[str]:
    ingests = Ingest.objects.filter(state__in=states)
    return {name for ingest in ingests for name in ingest.incoming_names}


def _uncommitted() -> list[Path]:
    """Return uploads that never got a row. Nobody waits for them, and they may carry names."""
    parts = [p for p in _children(Path(settings.INCOMING_ROOT)) if p.suffix == PART_SUFFIX]
    # Looked up after the files: the row of a file that gets its name right now is committed.
    needed = _needed_incoming()
    return [path for path in parts if path.stem not in needed and _is_old(path)]


def _imported() -> list[Path]:
    """Return uploads whose row says that they are not needed any more; they may carry names."""
    done = _incoming_names([Ingest.State.DONE, Ingest.State.FAILED]) - _needed_incoming()
    files = _children(Path(settings.INCOMING_ROOT))
    return [path for path in files if {path.name, path.stem} & done and _is_old(path)]


def _delete(paths: Sequence[Path]) -> int:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(paths)


def _entries(folder: str) -> list[Path]:
    return [path for path in _children(store_root() / folder) if path.is_file()]


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []  # nothing was stored yet


def _relative(path: Path) -> str:
    return str(path.relative_to(store_root()))


def _is_old(path: Path) -> bool:
    try:
        changed_s = os.stat(path).st_mtime
    except FileNotFoundError:
        return False
    return changed_s < (timezone.now() - LEFT_BEHIND_AFTER).timestamp()
