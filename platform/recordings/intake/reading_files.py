"""The first look of a worker at a file of a queue: its hash, its kind, the files in a zip."""

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from django.db import transaction

from jobs.kinds import JobKind, send_after_commit
from jobs.models import ATTEMPTS
from jobs.reader import Reader, Tell
from jobs.workers import INGEST_QUEUE
from psg.edf import EdfFile
from psg.errors import EdfError, PsgError
from psg.stagefiles.format import Content
from recordings.incoming import CHUNK_BYTES, incoming_path, part_path, settle_incoming
from recordings.intake.matching import match_files
from recordings.intake.models import IntakeFile, IntakeQueue
from recordings.intake.receiving import drop_files, expect_file

ZIP = b"PK\x03\x04"
MOST_ENTRIES = 1000
# A zip that swells to more than this many times its size is made to fill disks.
MOST_SWELLING = 100
SMALL_BYTES = 16 * 2**20
"""Room that every zip has, whatever its size."""


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
    reader = Reader(alive=file.renew_if_possible, alive_every_s=file.lease().total_seconds() / 3)
    if is_zip(path):
        _unpack(file, path, reader)
        return
    sha256, kind = reader.read(partial(_look, path))
    with transaction.atomic():
        queue = IntakeQueue.objects.select_for_update().get(pk=file.queue_id)
        file.settle(state=IntakeFile.State.READY, sha256=sha256, kind=kind, error="")
        match_files(queue)


def _look(path: Path, tell: Tell) -> tuple[str, str]:
    """Return hash and kind of a file; runs in the process of the reader."""
    return hash_of(path), kind_of(path)


def hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def kind_of(path: Path) -> IntakeFile.Kind:
    """Tell a recording from a stage file by content.

    Raises
    ------
    PsgError
        When the file can be neither.
    """
    try:
        has_signals = bool(EdfFile.open(path).channels)
    except EdfError as error:
        # A text may be a stage file; what it says is read with its night.
        if Content(path).is_text:
            return IntakeFile.Kind.STAGES
        raise error
    return IntakeFile.Kind.RECORDING if has_signals else IntakeFile.Kind.STAGES


# Unpacking a zip of many files.


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == ZIP


def _unpack(file: IntakeFile, path: Path, reader: Reader) -> None:
    """Put the files of a zip into the queue in place of the zip."""
    inside = f"{_folder(file)}/"
    with transaction.atomic():  # what a worker made that was killed
        begun = file.queue.files.filter(state=IntakeFile.State.RECEIVING)
        drop_files(begun.filter(name__startswith=inside))
    made: list[IntakeFile] = []
    try:
        for name, size_bytes in reader.read(partial(_entries, path)):
            made.append(expect_file(queue=file.queue, name=inside + name, size_bytes=size_bytes))
        reader.read(partial(_extract, path, [part_path(entry.path) for entry in made]))
        with transaction.atomic():
            IntakeQueue.objects.select_for_update().get(pk=file.queue_id)
            file.settle(state=IntakeFile.State.READY)
            drop_files([file])
            for entry in made:
                IntakeFile.objects.filter(pk=entry.pk).update(state=IntakeFile.State.WAITING)
                send_after_commit(entry)
    except BaseException:
        with transaction.atomic():
            drop_files(made)
        raise
    settle_incoming(*(entry.path for entry in made))


def _folder(file: IntakeFile) -> str:
    """Return the name of a zip as that of a folder, so that its files stay together."""
    return file.name.rpartition(".")[0] or file.name


def _entries(path: Path, tell: Tell) -> list[tuple[str, int]]:
    """List the files of a zip within bounds.

    Raises
    ------
    PsgError
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return [(entry.filename, entry.file_size) for entry in _checked(archive, path)]
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise PsgError(
            "The zip file cannot be read", where=str(error)[:100], advice="Make it again."
        ) from error


def _checked(archive: zipfile.ZipFile, path: Path) -> Iterator[zipfile.ZipInfo]:
    entries = [entry for entry in archive.infolist() if not _is_passed_over(entry)]
    if not entries or len(entries) > MOST_ENTRIES:
        raise PsgError(
            f"A zip should have 1 to {MOST_ENTRIES:,} files", where=f"{len(entries)} files"
        )
    size = path.stat().st_size
    whole = sum(entry.file_size for entry in entries)
    if whole > MOST_SWELLING * size + SMALL_BYTES:
        raise PsgError(
            "The zip file swells too much when it is unpacked",
            where=f"from {size:,} to {whole:,} bytes",
            advice="Zip fewer files, or send them without a zip.",
        )
    for entry in entries:
        if entry.flag_bits & 1:
            raise PsgError("The zip file has a password", advice="Make it without one.")
        if entry.filename.lower().endswith(".zip"):
            raise PsgError("There is a zip in the zip file", advice="Unpack it first.")
    return iter(entries)


def _is_passed_over(entry: zipfile.ZipInfo) -> bool:
    """Folders, empty files, and what systems put beside files."""
    parts = entry.filename.split("/")
    return entry.is_dir() or not entry.file_size or "__MACOSX" in parts or parts[-1].startswith(".")


def _extract(path: Path, targets: Sequence[Path], tell: Tell) -> None:
    """Write the files of a zip; each no longer than it says."""
    with zipfile.ZipFile(path) as archive:
        for entry, target in zip(_checked(archive, path), targets, strict=True):
            with archive.open(entry) as packed, target.open("wb") as file:
                left = entry.file_size
                while chunk := packed.read(CHUNK_BYTES):
                    left -= len(chunk)
                    if left < 0:
                        raise PsgError("A file in the zip is longer than the zip says")
                    file.write(chunk)


# As work under a lease.


def _give_up(file: IntakeFile, error: str) -> None:
    file.settle(state=IntakeFile.State.REFUSED, error=error)


INTAKE_FILES = JobKind(
    IntakeFile,
    work=read_file,
    give_up=_give_up,
    stopped=f"The worker stopped {ATTEMPTS} times while reading this file.",
    refusals=(PsgError,),
    related=("queue__study",),
    queue=INGEST_QUEUE,
)
