"""Compressed files and nights of several files: what is in them, and how they are unpacked.

Sizes are counted while unpacking, as headers can lie. Names of people may be in names of files, so
nothing is unpacked or packed under its own name.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from psg.errors import RecordingFileError, fault_words
from psg.readers.format import HEAD_BYTES, NightFiles, RecordingFormat
from psg.readers.formats.edf import has_annotations_alone
from psg.readers.registry import format_of
from psg.zips import ZipBounds, faults_refused, files_in, open_zip

GZIP_MARK = b"\x1f\x8b"
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")

MAX_UNPACKED_BYTES = 16 * 2**30
MAX_MEMBERS = 10_000
_BOUNDS = ZipBounds(
    RecordingFileError,
    most_files=MAX_MEMBERS,
    most_list_bytes=8 * 2**20,
    advice=f"At most {MAX_MEMBERS:,} are taken; make several zip files.",
)
# Signals shrink to a half or a third. Beyond this ratio a file is made to fill a disk.
MAX_RATIO = 200
SMALL_BYTES = 256 * 2**20
_CHUNK_BYTES = 2**20
# The name of the first file in a zip stands here; in a document it is one of these.
_ZIP_NAME_AT = 30
_DOCUMENT_NAMES = (b"[Content_Types].xml", b"mimetype", b"_rels/", b"docProps/", b"word/", b"xl/")
_DATE_OF_NOTHING = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Night:
    """A recording among files, by their names: the main file, and the others of the night."""

    format: RecordingFormat
    main: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contents:
    """What a folder or a zip holds: recordings, and all other files by name."""

    nights: tuple[Night, ...]
    others: tuple[str, ...]


def is_compressed(head: bytes) -> bool:
    return head.startswith((GZIP_MARK, *ZIP_MARKS))


def sort_files(names: Iterable[str], head: Callable[[str], bytes]) -> Contents:
    """Find the recordings among files; `head` reads the first bytes of a file."""
    names = [name for name in names if not _is_system_file(name)]
    heads = {name: unpacked_head(head(name)) for name in names}
    mains = {
        name: format
        for name, start in heads.items()
        if (format := format_of(start)) and not has_annotations_alone(start)
    }
    rest = [name for name in names if name not in mains]
    nights = tuple(
        Night(format, name, _parts(name, heads[name], format, rest, alone=len(mains) == 1))
        for name, format in mains.items()
    )
    taken = {part for night in nights for part in night.parts}
    return Contents(nights, tuple(name for name in rest if name not in taken))


def _is_plain_zip(head: bytes) -> bool:
    """Whether a file is a zip, and not a document of an office program, which is one inside."""
    return head.startswith(ZIP_MARKS) and not head[_ZIP_NAME_AT:].startswith(_DOCUMENT_NAMES)


def _parts(
    main: str, head: bytes, format: RecordingFormat, rest: list[str], *, alone: bool
) -> tuple[str, ...]:
    """Find the other files of a night: by the names in it, by its own name, or as the only ones."""
    path = PurePosixPath(main)
    beside = [PurePosixPath(name) for name in rest if PurePosixPath(name).parent == path.parent]
    named = format.named_parts(head)
    found = []
    for suffix in format.part_suffixes:
        of_kind = [name for name in beside if name.suffix.lower() == suffix]
        best = (
            [name for name in of_kind if name.name in named]
            or [name for name in of_kind if name.stem.lower() == path.stem.lower()]
            or (of_kind if alone and len(of_kind) == 1 else [])
        )
        found += [str(name) for name in best[:1]]
    return tuple(found)


def unpacked_head(head: bytes) -> bytes:
    """Look into a gz, which may be a recording; give the bytes of another file as they are."""
    if not head.startswith(GZIP_MARK):
        return head
    try:
        return zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
    except zlib.error:
        return head


def _is_system_file(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name.startswith(".") or "__MACOSX" in path.parts


# Folders.


def files_of_folder(folder: Path) -> Contents:
    names = [path.name for path in sorted(folder.iterdir()) if path.is_file()]
    return sort_files(names, lambda name: read_head(folder / name))


def siblings(main: Path) -> tuple[Path, ...]:
    """Find the other files of a night, such as the two that belong to a ``.vhdr``."""
    head = read_head(main)
    format = format_of(head)
    if format is None or not format.part_suffixes:
        return ()
    names = [path.name for path in sorted(main.parent.iterdir()) if path.is_file()]
    rest = [name for name in names if name != main.name]
    return tuple(main.parent / name for name in _parts(main.name, head, format, rest, alone=False))


def read_head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


# Zip.


@contextmanager
def _opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    with path.open("rb") as file, faults_refused(_BOUNDS), open_zip(file, _BOUNDS) as archive:
        yield archive


def files_of_zip(path: Path) -> Contents:
    """List a zip: its recordings, and all other files such as stages.

    Raises
    ------
    RecordingFileError
        When it is damaged, encrypted, too large unpacked, or holds compressed files.
    """
    with _opened_zip(path) as archive:
        members = files_in(archive, _BOUNDS)
        _check_members(members, path.stat().st_size)

        def head(name: str) -> bytes:
            with archive.open(name) as file:
                return file.read(HEAD_BYTES)

        contents = sort_files([member.filename for member in members], head)
        for name in contents.others:
            if _is_plain_zip(head(name)):
                raise RecordingFileError(
                    "The zip file holds another compressed file",
                    advice="Unpack that one first; what is in it can be added.",
                )
        return contents


@dataclass(frozen=True)
class Member:
    """A file in a zip: its name, its size unpacked, and its first bytes."""

    name: str
    size_bytes: int
    head: bytes


def members_of_zip(path: Path) -> list[Member]:
    """List the files of a zip that `files_of_zip` takes, by name; empty ones are passed over.

    Raises
    ------
    RecordingFileError
    """
    contents = files_of_zip(path)
    nights = [name for night in contents.nights for name in (night.main, *night.parts)]
    with _opened_zip(path) as archive:
        members = []
        for name in sorted([*nights, *contents.others]):
            with archive.open(name) as file:
                member = Member(name, archive.getinfo(name).file_size, file.read(HEAD_BYTES))
            members.append(member)
    return [member for member in members if member.size_bytes]


def _check_members(members: list[zipfile.ZipInfo], packed_bytes: int) -> None:
    if len({member.filename for member in members}) < len(members):
        raise RecordingFileError(
            "The zip file holds two files of the same name", advice="Make it again."
        )
    _check_size(sum(member.file_size for member in members), packed_bytes)


def _check_size(unpacked_bytes: int, packed_bytes: int) -> None:
    exceeds_ratio = unpacked_bytes > SMALL_BYTES and unpacked_bytes > MAX_RATIO * packed_bytes
    if unpacked_bytes > MAX_UNPACKED_BYTES or exceeds_ratio:
        raise RecordingFileError(
            "The compressed file is too large when it is unpacked",
            where=f"over {unpacked_bytes // 2**20:,} MiB from {packed_bytes / 2**20:.3g} MiB",
            advice="Unpack the file yourself, or split it. The limit is"
            f" {MAX_UNPACKED_BYTES // 2**30} GiB and {MAX_RATIO} times the compressed size.",
        )


def copy_member(path: Path, name: str, target: Path) -> None:
    """Unpack a file of a zip to `target`."""
    with _opened_zip(path) as archive, archive.open(name) as source:
        _copy(source, target, packed_bytes=path.stat().st_size)


def unzip_night(path: Path, night: Night, folder: Path) -> NightFiles:
    """Unpack a night into `folder`, under names of no meaning."""

    def unpacked(name: str) -> Path:
        target = folder / f"night{PurePosixPath(name).suffix.lower()}"
        copy_member(path, name, target)
        return target

    parts = {PurePosixPath(name).suffix.lower(): unpacked(name) for name in night.parts}
    main = folder / "night"
    copy_member(path, night.main, main)
    return NightFiles(main=unpacked_gz(main, folder), spool=folder, parts=parts)


def pack_night(files: Iterable[Path], target: Path | IO[bytes]) -> None:
    """Put the files of a night into a zip; the same files always make the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for path in files:
            member = zipfile.ZipInfo(f"night{path.suffix.lower()}", _DATE_OF_NOTHING)
            member.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(member, "w") as kept:
                while chunk := source.read(_CHUNK_BYTES):
                    kept.write(chunk)


# Gzip.


def unpacked_gz(path: Path, spool: Path) -> Path:
    """Return a file as it is, or unpacked in `spool` where it is a gz."""
    if not read_head(path).startswith(GZIP_MARK):
        return path
    unpacked = spool / "night.unpacked"
    gunzip(path, unpacked)
    return unpacked


def gunzip(path: Path, target: Path) -> None:
    try:
        with gzip.open(path) as source:
            _copy(source, target, packed_bytes=path.stat().st_size)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise RecordingFileError(
            "The gz file is damaged or incomplete",
            where=fault_words(error),
            advice="Copy it again.",
        ) from error
    head = read_head(target)
    if is_compressed(head) or head[257:262] == b"ustar":
        raise RecordingFileError(
            "The gz file holds another archive",
            advice="Unpack it, and add the recording itself.",
        )


def _copy(source: IO[bytes] | gzip.GzipFile, target: Path, *, packed_bytes: int) -> None:
    done_bytes = 0
    with target.open("wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            done_bytes += len(chunk)
            _check_size(done_bytes, packed_bytes)
            file.write(chunk)
