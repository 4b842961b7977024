"""Recordings of several files, such as .vhdr, .vmrk and .eeg, are packed before they are read."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from django.db import transaction

from jobs.reader import Reader, Tell
from psg.readers.containers import ZIP_MARKS, pack_night, read_head, sort_files
from recordings.incoming import incoming_path, sha256_of
from recordings.intake.models import IntakeFile, IntakeNight, IntakeQueue
from recordings.intake.receiving import drop_files
from recordings.storing import work_folder


def parts_of(queue: IntakeQueue) -> dict[int, list[IntakeFile]]:
    """Return the other files of each recording file, by names and by what its head says."""
    files = {
        file.name: file
        for file in queue.files.filter(
            state=IntakeFile.State.READY,
            kind__in=[IntakeFile.Kind.RECORDING, IntakeFile.Kind.PART],
        )
    }
    contents = sort_files(files, lambda name: read_head(incoming_path(files[name].path)))
    return {
        files[night.main].pk: [files[part] for part in night.parts] for night in contents.nights
    }


def pack_parts(night: IntakeNight, reader: Reader) -> None:
    """Put the parts of a recording into a zip in the place of its main file.

    A worker that is killed between the two steps leaves a zip, of which nothing is packed again.

    Raises
    ------
    LeaseLostError
        When the night was removed meanwhile: nothing of it is written.
    """
    parts = list(night.files.filter(kind=IntakeFile.Kind.PART))
    file = night.file
    if not parts or file is None:
        return
    path = incoming_path(file.path)
    with work_folder(path, night.attempt) as folder:
        packed = path
        if not read_head(path).startswith(ZIP_MARKS):
            packed = reader.read(partial(_pack, file, parts, folder))
        sha256 = reader.read(lambda _: sha256_of(packed))
        with transaction.atomic():
            night.hold()
            if packed != path:
                packed.replace(path)
            file.size_bytes, file.sha256 = path.stat().st_size, sha256
            file.save(update_fields=["size_bytes", "sha256"])
            drop_files(parts)


def _pack(file: IntakeFile, parts: Sequence[IntakeFile], folder: Path, tell: Tell) -> Path:
    """Pack links whose suffixes say which file is which; names of files are not packed."""
    links = []
    for part in (file, *parts):
        link = folder / f"night{PurePosixPath(part.name).suffix.lower()}"
        link.hardlink_to(incoming_path(part.path))
        links.append(link)
    pack_night(links, folder / "packed")
    return folder / "packed"
