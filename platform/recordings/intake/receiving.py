"""Queues and their files: made, received in pieces, removed, discarded.

A file is received under an opaque name with the suffix `.part`. What has arrived is its length on
the disk: a process that is killed loses nothing of it, and no row has to be written for a piece.
"""

import fcntl
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jobs.kinds import kind_of, send_after_commit
from jobs.room import ROOM_BYTES, free_bytes
from psg.errors import RefusedError
from recordings.incoming import incoming_path, part_path, settle_incoming
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue
from recordings.orphans import sweeps_are_held
from recordings.removals import remove_files
from recordings.store import store_root
from studies.models import Study, User
from studies.refusals import TooLargeError
from studies.storable import why_no_text
from studies.troubles import DiskFullError

MOST_FILES = 2000
KEPT_FOR = timedelta(days=7)
LONGEST_NAME = 400
PREVIEW_SUFFIX = ".preview"
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}(?:\.gz)?$", re.IGNORECASE)


class IntakeRefusedError(RefusedError):
    """An act that the state of a queue, a file or a night does not allow."""

    code = "not_now"
    status = 409


class OffsetError(IntakeRefusedError):
    """A piece of an upload does not continue what has arrived."""

    code = "offset"


class LockedError(RefusedError):
    """Another request writes to the same upload."""

    code = "locked"
    status = 423
    default = "This file is being uploaded in another window. Continue there, or try again later."


# Queues.


def open_queue(*, study: Study, user: User | None) -> IntakeQueue:
    return IntakeQueue.objects.create(study=study, made_by=user)


@contextmanager
def changing(queue: IntakeQueue) -> Iterator[IntakeQueue]:
    """Lock an open queue for a change by a person, in a transaction.

    Raises
    ------
    IntakeRefusedError
        When the queue was finished or discarded.
    """
    with transaction.atomic():
        locked = IntakeQueue.objects.select_for_update(of=("self",)).get(pk=queue.pk)
        if not locked.is_open:
            raise IntakeRefusedError("This queue is finished. Nothing was changed.")
        locked.used_at = timezone.now()
        locked.save(update_fields=["used_at"])
        yield locked


def expires_at(queue: IntakeQueue) -> datetime:
    """Return when the queue is discarded if nobody touches it again."""
    return queue.used_at + KEPT_FOR


# Receiving a file.


def expect_file(*, queue: IntakeQueue, name: str, size_bytes: int) -> IntakeFile:
    """Add a file to a queue, of which nothing has arrived yet.

    Raises
    ------
    TooLargeError, DiskFullError, IntakeRefusedError
    """
    name = _clean_name(name)
    if size_bytes == 0:
        raise RefusedError("The file is empty.", advice="Export it again.")
    if size_bytes > settings.UPLOAD_LIMIT_BYTES:
        raise TooLargeError(
            f"The file is larger than the limit of {settings.UPLOAD_LIMIT_BYTES / 2**20:g} MiB.",
            advice="Remove channels that scoring does not need, or contact the administrator.",
        )
    if free_bytes(Path(settings.INCOMING_ROOT)) < size_bytes + 2 * ROOM_BYTES:
        raise DiskFullError
    with changing(queue) as locked:
        if locked.files.count() >= MOST_FILES:
            raise IntakeRefusedError(
                f"A queue holds at most {MOST_FILES:,} files.", advice="Import these first."
            )
        suffix = _SUFFIX.search(name)
        end = suffix.group().lower() if suffix else ""
        return IntakeFile.objects.create(
            queue=locked, name=name, path=f"{uuid.uuid4().hex}{end}", size_bytes=size_bytes
        )


def _clean_name(name: str) -> str:
    parts = [part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    clean = "/".join(parts)
    if not clean or len(clean) > LONGEST_NAME or why_no_text(clean) or not clean.isprintable():
        raise RefusedError("The file has no name that can be shown.", where="name")
    return clean


def received_bytes(file: IntakeFile) -> int:
    """Return how much of a file has arrived."""
    if file.state != IntakeFile.State.RECEIVING:
        return file.size_bytes
    try:
        return part_path(file.path).stat().st_size
    except FileNotFoundError:
        return 0


def append(*, file: IntakeFile, offset: int, chunks: Iterable[bytes]) -> int:
    """Write the next pieces of a file; return how much has arrived.

    Raises
    ------
    OffsetError
        When `offset` is not what has arrived.
    LockedError, TooLargeError, IntakeRefusedError
    """
    if file.state != IntakeFile.State.RECEIVING:
        raise IntakeRefusedError("This file has arrived already.")
    with _only_writer(file) as part:
        arrived = part.seek(0, 2)
        if offset != arrived:
            raise OffsetError(f"{arrived} bytes have arrived, not {offset}.", where="offset")
        for chunk in chunks:
            arrived += len(chunk)
            if arrived > file.size_bytes:
                part.truncate(offset)
                raise TooLargeError("The upload is longer than was stated.")
            _write_all(part, chunk)
    if arrived == file.size_bytes:
        complete(file=file)
    return arrived


def _write_all(part: IO[bytes], chunk: bytes) -> None:
    """Write a chunk whole: on a disk that is nearly full, a write may take only a part of it."""
    left = memoryview(chunk)
    while left:
        left = left[part.write(left) :]


@contextmanager
def _only_writer(file: IntakeFile) -> Iterator[IO[bytes]]:
    path = part_path(file.path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o640), "r+b", buffering=0) as part:
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError from error
        yield part


def complete(*, file: IntakeFile) -> None:
    """Hand a file of which everything has arrived to a worker, unless that was done already."""
    if file.state != IntakeFile.State.RECEIVING:
        return
    with changing(file.queue):
        waiting = IntakeFile.objects.filter(pk=file.pk, state=IntakeFile.State.RECEIVING)
        if waiting.update(state=IntakeFile.State.WAITING):
            send_after_commit(file)
    # The worker does the same, should this process be killed right after the commit.
    settle_incoming(file.path)


# Removing and discarding.


def remove_file(*, file: IntakeFile) -> None:
    """Remove a file from its queue; a night goes with its recording file.

    Raises
    ------
    IntakeRefusedError
    """
    with changing(file.queue):
        night = IntakeNight.objects.filter(file=file).first()
        if night is not None:
            _remove_night(night)
        elif file.night_id:
            examine_again([file.night_id])
        drop_files([file])


def remove_night(*, night: IntakeNight) -> None:
    """Remove a night with its files from its queue; a recording that was imported stays."""
    with changing(night.queue):
        _remove_night(night)


def _remove_night(night: IntakeNight) -> None:
    sha256 = night.file.sha256 if night.file else ""
    drop_files([*([night.file] if night.file else []), *night.files.all()])
    night.delete()
    if sha256:  # what was refused as a copy of it is none any more
        copies = night.queue.nights.filter(file__sha256=sha256)
        examine_again(copies.values_list("pk", flat=True))


def examine_again(nights: Iterable[int]) -> None:
    """Let a worker examine nights once more; one that is at it now loses its lease."""
    open_nights = IntakeNight.objects.filter(pk__in=nights).exclude(
        state=IntakeNight.State.IMPORTED
    )
    pks = list(open_nights.select_for_update().values_list("pk", flat=True))
    IntakeNight.objects.filter(pk__in=pks).update(
        state=IntakeNight.WAITING, attempt=0, error="", **IntakeNight.FREE
    )
    transaction.on_commit(partial(kind_of(IntakeNight).send, pks))


def discard_queue(*, queue: IntakeQueue) -> None:
    """Discard what was not imported of a queue, with all its files and their names."""
    with changing(queue) as locked:
        imported = locked.nights.filter(state=IntakeNight.State.IMPORTED)
        state = IntakeQueue.State.DONE if imported.exists() else IntakeQueue.State.DISCARDED
        _close(locked, state)


def finish_if_empty(queue: IntakeQueue) -> None:
    """Close a queue in which everything is imported. Call with the queue locked."""
    left = queue.nights.exclude(state=IntakeNight.State.IMPORTED)
    if not queue.files.exists() and not left.exists():
        _close(queue, IntakeQueue.State.DONE)


def discard_forgotten() -> int:
    """Discard queues that nobody has touched for a week; return how many."""
    if sweeps_are_held():
        return 0
    forgotten = IntakeQueue.objects.filter(state=IntakeQueue.State.OPEN, used_at__lt=_week_ago())
    return sum(_discard_if_forgotten(pk) for pk in forgotten.values_list("pk", flat=True))


@transaction.atomic
def _discard_if_forgotten(pk: int) -> bool:
    """Discard a queue unless it was used or finished since it was listed."""
    forgotten = IntakeQueue.objects.filter(state=IntakeQueue.State.OPEN, used_at__lt=_week_ago())
    queue = forgotten.select_for_update(of=("self",)).filter(pk=pk).first()
    if queue is not None:
        discard_queue(queue=queue)
    return queue is not None


def _week_ago() -> datetime:
    return timezone.now() - KEPT_FOR


def _close(queue: IntakeQueue, state: IntakeQueue.State) -> None:
    drop_files(queue.files.all())
    queue.nights.exclude(state=IntakeNight.State.IMPORTED).delete()
    queue.state, queue.finished_at = state, timezone.now()
    queue.decisions = {}
    queue.save(update_fields=["state", "finished_at", "decisions"])


def drop_files(files: Iterable[IntakeFile]) -> None:
    """Delete rows of files with their names, and after the commit the files."""
    listed = list(files)
    paths = [
        path
        for file in listed
        for path in (incoming_path(file.path), part_path(file.path), preview_path(file))
        if path.exists()
    ]
    IntakeFile.objects.filter(pk__in=[file.pk for file in listed]).delete()
    remove_files(str(path.relative_to(store_root())) for path in paths)


def preview_path(file: IntakeFile) -> Path:
    """Return where a worker writes the signals that people look at before the import."""
    return incoming_path(f"{file.path}{PREVIEW_SUFFIX}")
