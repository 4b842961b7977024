"""The first look of a worker at a file of a queue: its hash, its kind, the files in a zip."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from jobs.kinds import JobKind, send_after_commit
from jobs.models import ATTEMPTS
from jobs.reader import Reader, Tell
from jobs.workers import INGEST_QUEUE
from psg.errors import PsgError, RefusedError
from psg.readers import FORMATS, open_recording
from psg.readers.containers import (
    ZIP_MARKS,
    Member,
    copy_member,
    is_compressed,
    members_of_zip,
    read_head,
    unpacked_head,
)
from psg.readers.registry import format_of
from psg.stagefiles.format import Content
from psg.stagefiles.read import is_stage_file
from recordings.incoming import (
    drop_incoming,
    incoming_path,
    part_path,
    settle_incoming,
    sha256_of,
)
from recordings.intake.adding import check_files, new_file
from recordings.intake.matching import match_when_all_are_read
from recordings.intake.models import IntakeFile, IntakeQueue
from recordings.intake.receiving import drop_files, has_room
from recordings.notices import tell_refused
from recordings.storing import COMMIT_IS_UNKNOWN, work_folder

# Of files that are no recording by themselves, such as the .vmrk of a .vhdr.
PART_SUFFIXES = {suffix for known in FORMATS for suffix in known.part_suffixes}


def read_file(file: IntakeFile) -> None:
    """Do the work of a claimed file: find out what it is, and match it to nights.

    Raises
    ------
    PsgError, OSError, LeaseLostError
    """
    settle_incoming(file.path)
    path = incoming_path(file.path)
    if not path.exists():
        raise PsgError("The uploaded file is gone from the server", advice="Add it again.")
    if (arrived := path.stat().st_size) != file.size_bytes:
        raise PsgError(
            "The upload is incomplete",
            where=f"{arrived} of {file.size_bytes} bytes",
            advice="Delete the file here and add it again.",
        )
    reader = Reader(
        alive=file.renew_if_possible,
        alive_every_s=file.lease().total_seconds() / 3,
        limit_bytes=settings.READ_NIGHT_LIMIT_BYTES,
    )
    if is_zip(file.name, read_head(path)):
        _unpack(file, path, reader)
        return
    with work_folder(path, file.attempt) as folder:
        sha256, kind = reader.read(partial(_look, path, file.name, folder))
    with transaction.atomic():
        queue = IntakeQueue.objects.select_for_update().get(pk=file.queue_id)
        file.settle(state=IntakeFile.State.READY, sha256=sha256, kind=kind, error="")
        match_when_all_are_read(queue)


def is_zip(name: str, head: bytes) -> bool:
    """Whether a file is a zip to unpack; many documents are a zip under another suffix."""
    return head.startswith(ZIP_MARKS) and name.lower().endswith(".zip")


def _look(path: Path, name: str, folder: Path, tell: Tell) -> tuple[str, str]:
    """Return hash and kind of a file; runs in the process of the reader."""
    return sha256_of(path), kind_of(path, name, folder)


def kind_of(path: Path, name: str, folder: Path) -> IntakeFile.Kind:
    """Tell recordings from stage files by content, and files that belong to a recording by name.

    A name with the suffix of a part says nothing of a file that is a recording or stages itself.

    Raises
    ------
    PsgError
        When the file can be none of them.
    """
    head = unpacked_head(read_head(path))
    format_ = format_of(head)
    if format_ is None and not is_compressed(head):
        if is_stage_file(path, name=name):
            return IntakeFile.Kind.STAGES
        if Path(name).suffix.lower() in PART_SUFFIXES:
            return IntakeFile.Kind.PART
        if Content(path, name).is_text:
            return IntakeFile.Kind.STAGES  # what it says is read with its night
    if format_ is not None and format_.part_suffixes:
        return IntakeFile.Kind.RECORDING  # its other files may come later
    file = open_recording(path, spool=folder, name=name)
    return IntakeFile.Kind.RECORDING if file.channels else IntakeFile.Kind.STAGES


# Unpacking a zip of many files.


def _unpack(file: IntakeFile, path: Path, reader: Reader) -> None:
    """Put the files of a zip into the queue in place of the zip.

    They have no rows before all of them are unpacked, so that a worker that is killed leaves
    nothing in the queue.
    """
    members = reader.read(lambda _: members_of_zip(path))
    entries = {member.name: _entry(file, member) for member in members}
    if file.attempt > 1:
        _drop_begun(file, entries.values())
    _check(file, entries.values())
    with work_folder(path, file.attempt) as folder:
        targets = {name: folder / entry.path for name, entry in entries.items()}
        reader.read(partial(_extract, path, targets))
        try:
            for entry in entries.values():
                (folder / entry.path).rename(part_path(entry.path))
            _replace(file, list(entries.values()))
        except COMMIT_IS_UNKNOWN:
            raise
        except BaseException:
            _drop_without_rows({entry.path for entry in entries.values()})
            raise
    settle_incoming(*(entry.path for entry in entries.values()))


def _entry(file: IntakeFile, member: Member) -> IntakeFile:
    """Return the row of a file in a zip, not saved yet."""
    name = f"{_folder(file)}/{member.name}"
    try:
        entry = new_file(queue=file.queue, name=name, size_bytes=member.size_bytes)
    except RefusedError as error:
        raise PsgError(f"A file in the zip cannot be added: {error}") from error
    entry.state = IntakeFile.State.WAITING
    return entry


def _check(file: IntakeFile, entries: Collection[IntakeFile]) -> None:
    """Refuse before anything is unpacked.

    Raises
    ------
    PsgError, FileNameTakenError, IntakeRefusedError
    """
    if not entries:
        raise PsgError("The zip has no files", advice="Make it again.")
    needed = sum(entry.size_bytes for entry in entries)
    if not has_room(needed):
        raise PsgError(
            "The disk of the server has no room for the files of this zip",
            where=f"{needed / 2**20:,.0f} MiB",
            advice="Import what is ready, then delete the zip here and add it again.",
        )
    check_files(file.queue, entries, in_place_of=file)


def _drop_begun(file: IntakeFile, entries: Iterable[IntakeFile]) -> None:
    """Delete rows with which an attempt of an earlier version began to unpack, before it ended."""
    sizes = {entry.name: entry.size_bytes for entry in entries}
    with transaction.atomic():
        queue = IntakeQueue.objects.select_for_update().get(pk=file.queue_id)
        begun = queue.files.filter(state=IntakeFile.State.RECEIVING, name__in=sizes)
        drop_files([row for row in begun if row.size_bytes == sizes[row.name]])


def _drop_without_rows(paths: set[str]) -> None:
    """Delete unpacked files, unless what failed was a step after the commit of their rows."""
    rows = IntakeFile.objects.filter(path__in=paths).values_list("path", flat=True)
    drop_incoming(*paths.difference(rows))


def _replace(file: IntakeFile, entries: Sequence[IntakeFile]) -> None:
    with transaction.atomic():
        queue = IntakeQueue.objects.select_for_update().get(pk=file.queue_id)
        file.settle(state=IntakeFile.State.READY)
        check_files(queue, entries, in_place_of=file)
        drop_files([file])
        for entry in entries:
            entry.save()
            send_after_commit(entry)


def _folder(file: IntakeFile) -> str:
    """Return the name of a zip as that of a folder, so that its files stay together."""
    return file.name.rpartition(".")[0] or file.name


def _extract(path: Path, targets: Mapping[str, Path], tell: Tell) -> None:
    for name, target in targets.items():
        copy_member(path, name, target)


# As work under a lease.


def _give_up(file: IntakeFile, error: str) -> None:
    with transaction.atomic():
        queue = IntakeQueue.objects.select_for_update().get(pk=file.queue_id)
        file.settle(state=IntakeFile.State.REFUSED, error=error)
        tell_refused(file)
        match_when_all_are_read(queue)


INTAKE_FILES = JobKind(
    IntakeFile,
    work=read_file,
    give_up=_give_up,
    stopped=f"The worker stopped {ATTEMPTS} times while reading this file. Nothing was"
    " imported. Upload the file again; if it stops again, tell the administrator.",
    refusals=(RefusedError,),
    related=("queue__study",),
    queue=INGEST_QUEUE,
)
