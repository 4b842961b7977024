"""Open a recording: a file, a compressed file, or a folder with the files of a night."""

from __future__ import annotations

from pathlib import Path

from psg.errors import EdfError, RecordingFileError
from psg.readers.containers import (
    GZIP_MARK,
    ZIP_MARKS,
    Contents,
    Night,
    files_of_folder,
    files_of_zip,
    is_compressed,
    read_head,
    unpacked_gz,
    unzip_night,
)
from psg.readers.format import NightFiles, RecordingFormat
from psg.readers.registry import FORMATS, format_of
from psg.signalfile import SignalFile

# Files that are no recording by themselves, by suffix.
_PARTS = {suffix: format for format in FORMATS for suffix in format.part_suffixes}


def open_recording(path: Path, *, spool: Path, name: str = "") -> SignalFile:
    """Open a recording by its content.

    Parameters
    ----------
    path : Path
        A file, a ``.gz`` or ``.zip`` of one, or a folder with the files of one night.
    spool : Path
        A folder in which files may be unpacked. The caller removes it after the last reading.
    name : str
        The file's own name, if `path` has another. Its suffix helps to say what is missing.

    Raises
    ------
    RecordingFileError
        When this is no recording that can be read; the message says what to do.
    """
    if path.is_dir():
        contents = files_of_folder(path)
        night = the_night(contents)
        parts = {Path(part).suffix.lower(): path / part for part in night.parts}
        main = unpacked_gz(path / night.main, spool)
        files = NightFiles(main=main, spool=spool, parts=parts)
        return _told(night.format.open(files), contents)
    head = read_head(path)
    if head.startswith(ZIP_MARKS):
        contents = files_of_zip(path)
        night = the_night(contents)
        return _told(night.format.open(unzip_night(path, night, spool)), contents)
    if head.startswith(GZIP_MARK):
        name = name.lower().removesuffix(".gz")
        path = unpacked_gz(path, spool)
        head = read_head(path)
    return _format(head, name or path.name).open(NightFiles(main=path, spool=spool))


def _told(night: SignalFile, contents: Contents) -> SignalFile:
    """Tell of the files beside a recording, such as stage files, which nobody has read here."""
    if contents.others:
        count = len(contents.others)
        files = "1 other file" if count == 1 else f"{count} other files"
        verb = "was" if count == 1 else "were"
        note = f"{files} in the folder or zip {verb} not read."
        night.warnings = (*night.warnings, note)
    return night


def format_at(path: Path) -> RecordingFormat | None:
    """Recognise the format of a file; None where it is compressed or not known."""
    return format_of(read_head(path))


def check_head(head: bytes, name: str = "") -> None:
    """Refuse a file by its first `HEAD_BYTES` when it cannot be a recording.

    Raises
    ------
    RecordingFileError
    """
    if not is_compressed(head):
        _format(head, name)


def the_night(contents: Contents) -> Night:
    """Return the only night of several files.

    Raises
    ------
    RecordingFileError
        When there is none, or more than one.
    """
    if len(contents.nights) > 1:
        raise RecordingFileError(
            f"The file contains {len(contents.nights)} recordings",
            where=", ".join(sorted({night.format.title for night in contents.nights})),
            advice="Only one recording can be imported here. To import several, use Add recordings"
            " on the study's page.",
        )
    if not contents.nights:
        raise RecordingFileError(
            "The file contains no recording",
            where=f"{len(contents.others)} files",
            advice=f"These are read: {_known()}.",
        )
    return contents.nights[0]


def _format(head: bytes, name: str) -> RecordingFormat:
    format = format_of(head)
    if format is not None:
        return format
    if not head:
        raise EdfError("The file is empty", where="0 bytes", advice="Copy it again.")
    belongs_to = _PARTS.get(Path(name).suffix.lower())
    if belongs_to:
        raise RecordingFileError(
            f"This file is only a part of a recording ({belongs_to.title})",
            where=Path(name).suffix.lower(),
            advice="Add all files of the night together, or as a zip.",
        )
    raise RecordingFileError(
        "The format of this file is not supported",
        where=f"a file of {len(head)} bytes" if len(head) < 256 else "first bytes",
        advice=f"These are read: {_known()}. Export the recording as EDF or EDF+.",
    )


def _known() -> str:
    return "; ".join(format.title for format in FORMATS)
