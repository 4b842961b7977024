"""Queues and their files: made, received in pieces, removed, discarded.

A file is received under an opaque name with the suffix `.part`. What has arrived is its length on
the disk: a process that is killed loses nothing of it, and no row has to be written for a piece.
"""

import fcntl
import os
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
from recordings.intake.adding import check_files, new_file
from recordings.intake.locking import (
    IntakeRefusedError,
    changing,
    refresh_file,
    refresh_night,
)
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue
from recordings.orphans import sweeps_are_held
from recordings.removals import remove_files
from recordings.store import store_root
from studies.models import Study, User
from studies.refusals import TooLargeError
from studies.troubles import DiskFullError

KEPT_FOR = timedelta(days=7)
PREVIEW_SUFFIX = ".preview"


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


def expires_at(queue: IntakeQueue) -> datetime:
    """Return when the queue is discarded if nobody touches it again."""
    return queue.used_at + KEPT_FOR


# Receiving a file.


def expect_file(*, queue: IntakeQueue, name: str, size_bytes: int) -> IntakeFile:
    """Add a file to a queue, of which nothing has arrived yet.

    Raises
    ------
    TooLargeError, DiskFullError, FileNameTakenError, IntakeRefusedError
    """
    file = new_file(queue=queue, name=name, size_bytes=size_bytes)
    with changing(queue) as locked:
        if not has_room(size_bytes):
            raise DiskFullError
        check_files(locked, [file])
        file.save()
    return file


def has_room(size_bytes: int) -> bool:
    """Whether the disk has room for more, beside all uploads that are still under way."""
    receiving = IntakeFile.objects.filter(state=IntakeFile.State.RECEIVING)
    missing = sum(file.size_bytes - received_bytes(file) for file in receiving)
    free = free_bytes(Path(settings.INCOMING_ROOT))
    return free >= size_bytes + missing + 2 * ROOM_BYTES


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
    LockedError, TooLargeError, GoneError, IntakeRefusedError
    """
    _check_receiving(file)
    with _only_writer(file, offset) as part:
        arrived = part.seek(0, 2)
        if offset != arrived:
            raise _not_arrived(arrived, offset)
        for chunk in chunks:
            arrived += len(chunk)
            if arrived > file.size_bytes:
                part.truncate(offset)
                raise TooLargeError("The upload is longer than was stated.")
            _write_all(part, chunk)
    if arrived == file.size_bytes:
        complete(file=file)
    return arrived


def _check_receiving(file: IntakeFile) -> None:
    refresh_file(file.queue, file)
    if file.state != IntakeFile.State.RECEIVING:
        raise IntakeRefusedError("This file has arrived already.")


def _not_arrived(arrived: int, offset: int) -> OffsetError:
    return OffsetError(f"{arrived} bytes have arrived, not {offset}.", where="offset")


def _write_all(part: IO[bytes], chunk: bytes) -> None:
    """Write a chunk whole: on a disk that is nearly full, a write may take only a part of it."""
    left = memoryview(chunk)
    while left:
        left = left[part.write(left) :]


@contextmanager
def _only_writer(file: IntakeFile, offset: int) -> Iterator[IO[bytes]]:
    path = part_path(file.path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(_opened(path, offset), "r+b", buffering=0) as part:
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError from error
        try:
            _check_receiving(file)  # the writer before this one may have completed it
        except RefusedError:
            if part.seek(0, 2) == 0:  # made by this request
                path.unlink(missing_ok=True)
            raise
        yield part


def _opened(path: Path, offset: int) -> int:
    """Open what has arrived; only the first piece makes the file."""
    try:
        return os.open(path, os.O_RDWR | (0 if offset else os.O_CREAT), 0o640)
    except FileNotFoundError as error:
        raise _not_arrived(0, offset) from error


def complete(*, file: IntakeFile) -> None:
    """Hand a file of which everything has arrived to a worker, unless that was done already.

    Raises
    ------
    OffsetError, GoneError, IntakeRefusedError
    """
    if file.state != IntakeFile.State.RECEIVING:
        return
    with changing(file.queue) as queue:
        refresh_file(queue, file)
        if file.state == IntakeFile.State.RECEIVING:
            if (arrived := received_bytes(file)) != file.size_bytes:
                raise _not_arrived(arrived, file.size_bytes)
            file.state = IntakeFile.State.WAITING
            file.save(update_fields=["state"])
            send_after_commit(file)
    # The worker does the same, should this process be killed right after the commit.
    settle_incoming(file.path)


# Removing and discarding.


def remove_file(*, file: IntakeFile) -> None:
    """Remove a file from its queue; a night goes with its recording file.

    Raises
    ------
    GoneError, IntakeRefusedError
    """
    with changing(file.queue) as queue:
        refresh_file(queue, file)
        night = IntakeNight.objects.filter(file=file).first()
        if night is not None:
            refresh_night(queue, night)
            _remove_night(night)
        elif file.night_id:
            examine_again([file.night_id])
        drop_files([file])


def remove_night(*, night: IntakeNight) -> None:
    """Remove a night that is not imported from its queue, with its files.

    Raises
    ------
    GoneError, IntakeRefusedError
    """
    with changing(night.queue) as queue:
        refresh_night(queue, night)
        _remove_night(night)


def _remove_night(night: IntakeNight) -> None:
    sha256 = night.file.sha256 if night.file else ""
    drop_files([*([night.file] if night.file else []), *night.files.all()])
    night.delete()
    others = night.queue.nights
    if sha256:  # what was refused as a copy of it is none any more
        examine_again(others.filter(file__sha256=sha256).values_list("pk", flat=True))
    of_subject = others.exclude(subject="").filter(subject=night.subject)
    overlapping = of_subject.filter(doubts__contains=[{"code": "overlap"}])
    examine_again(overlapping.values_list("pk", flat=True))


def examine_again(nights: Iterable[int]) -> None:
    """Let a worker examine nights once more; one that is at it now loses its lease."""
    open_nights = IntakeNight.objects.filter(pk__in=nights).exclude(
        state=IntakeNight.State.IMPORTED
    )
    pks = list(open_nights.order_by("pk").select_for_update().values_list("pk", flat=True))
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


def discard_expired() -> int:
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
    """Delete rows of files with their names, and after the commit the files.

    A row that is gone already, such as that of an imported file, leaves its file to its new owner.
    """
    rows = IntakeFile.objects.filter(pk__in=[file.pk for file in files])
    paths = [path for file in rows for path in _stored(file)]
    rows.delete()
    remove_files(str(path.relative_to(store_root())) for path in paths)


def _stored(file: IntakeFile) -> list[Path]:
    part = part_path(file.path)
    there = [path for path in (incoming_path(file.path), preview_path(file)) if path.exists()]
    # Another request may be about to make the file of the first piece.
    is_expected = file.state == IntakeFile.State.RECEIVING
    return [*there, part] if is_expected or part.exists() else there


def preview_path(file: IntakeFile) -> Path:
    """Return where a worker writes the signals that people look at before the import."""
    return incoming_path(f"{file.path}{PREVIEW_SUFFIX}")
