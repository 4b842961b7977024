"""Zips of strangers: their list of files is bounded before it is read, and damage is a refusal."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from psg.errors import PsgError, fault_words

_END, _END_64, _LOCATOR_64 = (struct.Struct(form) for form in ("<4s4H2LH", "<4sQ2H2L4Q", "<4sLQL"))
_END_MARK, _END_64_MARK, _LOCATOR_64_MARK = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_LONGEST_COMMENT = 2**16
_PROTECTED = 0x1
_FAULTS = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OverflowError,
    RuntimeError, struct.error,
)  # fmt: skip


@dataclass(frozen=True)
class ZipBounds:
    """How large the list of files of a zip may be, and the type of its refusals."""

    refusal: type[PsgError]
    most_files: int
    most_list_bytes: int
    advice: str
    """What to do where there are more."""
    methods: frozenset[int] | None = None
    """Of compression, where not all that Python has are taken."""


def open_zip(file: IO[bytes], bounds: ZipBounds) -> zipfile.ZipFile:
    """Open a zip, which reads its list of files.

    Raises
    ------
    PsgError
        Of the type that the bounds name.
    """
    _check_list(file, bounds)
    with faults_refused(bounds):
        return zipfile.ZipFile(file)


def files_in(archive: zipfile.ZipFile, bounds: ZipBounds) -> list[zipfile.ZipInfo]:
    """Return the files of a zip without its folders.

    Raises
    ------
    PsgError
        When one is protected, or compressed in another way, or there are too many.
    """
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    # The end of a zip can state another number.
    _check_count(len(archive.infolist()), 0, bounds)
    for entry in files:
        is_other = bounds.methods is not None and entry.compress_type not in bounds.methods
        if entry.flag_bits & _PROTECTED or is_other:
            raise bounds.refusal(
                "The zip is protected by a password, or compressed by a method that is not read",
                advice="Make it again without a password, with the usual compression.",
            )
    return files


@contextmanager
def faults_refused(bounds: ZipBounds) -> Iterator[None]:
    """Turn faults of a zip while its files are read into refusals."""
    try:
        yield
    except PsgError:
        raise
    except _FAULTS as error:
        raise bounds.refusal(
            "The zip is damaged or of an unknown kind",
            # Python's words can have the name of a file, and so of a person.
            where=fault_words(error),
            advice="Was it cut off on its way? Copy it again, or make it again with the usual"
            " compression.",
        ) from None


def _check_list(file: IO[bytes], bounds: ZipBounds) -> None:
    """Check the size of the list of files before all of it is read into memory."""
    size = file.seek(0, io.SEEK_END)
    start = max(size - _END.size - _LONGEST_COMMENT - _LOCATOR_64.size - _END_64.size, 0)
    file.seek(start)
    tail = file.read()
    file.seek(0)
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise bounds.refusal(
            "The zip has no end", where=f"{size:,} bytes", advice="Was it cut off on its way?"
        )
    end = _END.unpack_from(tail, at)
    count, list_bytes = end[4], end[5]
    locator_at = at - _LOCATOR_64.size
    if locator_at >= 0 and tail.startswith(_LOCATOR_64_MARK, locator_at):
        wide_at = locator_at - _END_64.size
        told_at = _LOCATOR_64.unpack_from(tail, locator_at)[2]
        # Readers differ in where they look for the larger list: it must be at the same place.
        if not tail.startswith(_END_64_MARK, max(wide_at, 0)) or told_at != start + wide_at:
            raise bounds.refusal(
                "The zip is damaged or of an unknown kind",
                where="the end of its list of files",
                advice="Make it again with the usual compression.",
            )
        wide = _END_64.unpack_from(tail, wide_at)
        count, list_bytes = wide[7], wide[8]
    _check_count(count, list_bytes, bounds)


def _check_count(count: int, list_bytes: int, bounds: ZipBounds) -> None:
    if count > bounds.most_files or list_bytes > bounds.most_list_bytes:
        raise bounds.refusal(
            "The zip holds too many files",
            where=f"{count:,} files" + (f", a list of {list_bytes:,} bytes" if list_bytes else ""),
            advice=bounds.advice,
        )
