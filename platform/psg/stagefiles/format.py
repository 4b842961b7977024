"""The content of a stage file, and the description of a format that reads it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from psg.errors import StageFileError
from psg.stagefiles.bounds import MAX_BYTES, checked_lines
from psg.stagefiles.facts import StageFile, StageOptions

_HEAD_BYTES = 4096
# The long header of an EDF recording is text; what follows is not.
_EDF_MARK = b"0       "
_LINE_END = re.compile(r"\r\r?\n|\r|\n")
# Programs of DOS end a text with the first; some fill its last block with the other.
_ENDS = "\x1a\0"
# No text of a person or a program has these; binary files have.
_NO_TEXT = re.compile("[\\x00-\\x08\\x0e-\\x1a\\x1c-\\x1f]")


@dataclass(frozen=True)
class Content:
    """A stage file. Nothing of it is read before it is asked for; ``name`` is never stored."""

    path: Path
    name: str = ""

    @property
    def suffix(self) -> str:
        return Path(self.name or self.path.name).suffix.lower()

    @cached_property
    def head(self) -> bytes:
        """The first bytes, for formats that are told by them."""
        with self.path.open("rb") as file:
            return file.read(_HEAD_BYTES)

    @cached_property
    def data(self) -> bytes:
        """The whole file.

        Raises
        ------
        StageFileError
            When the file is larger than a stage file can be.
        """
        if self.path.stat().st_size > MAX_BYTES:
            raise StageFileError(
                "The stage file is too large",
                where=f"over {MAX_BYTES // 2**20} MiB",
                advice="A stage file of one recording is small. Check that this is not the"
                " recording file.",
            )
        return self.path.read_bytes()

    @property
    def sha256(self) -> str:
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @cached_property
    def is_text(self) -> bool:
        """Whether the first bytes can be text, so that `text` is worth asking for."""
        beginning = _decoded(self.head, is_cut=True)
        if len(self.head) < _HEAD_BYTES:
            beginning = beginning.rstrip(_ENDS) or beginning
        return not self.head.startswith(_EDF_MARK) and not _NO_TEXT.search(beginning)

    @cached_property
    def text(self) -> str:
        """The decoded text: UTF-8, UTF-16 with or without its mark, else Latin-1; "" if binary."""
        if not self.is_text:
            return ""
        text = _decoded(self.data).rstrip(_ENDS)
        return "" if _NO_TEXT.search(text) else text

    @cached_property
    def lines(self) -> list[str]:
        """Lines of the text without line ends, bounded in count and length."""
        lines = _LINE_END.split(self.text)
        return checked_lines(lines[:-1] if lines[-1] == "" else lines)


def _decoded(data: bytes, *, is_cut: bool = False) -> str:
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8", errors="replace")
    encoding = _utf_16(data)
    if encoding:
        return data[: len(data) // 2 * 2].decode(encoding, errors="replace").removeprefix("\ufeff")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if is_cut and error.start > len(data) - 4:
            return data[: error.start].decode("utf-8")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _utf_16(data: bytes) -> str:
    """Name the encoding of two bytes a character, by its mark or by the zeros of plain letters."""
    if data.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if data.startswith(b"\xfe\xff"):
        return "utf-16-be"
    size = len(data) // 2
    if size == 0:
        return ""
    even, odd = data[::2].count(0), data[1::2].count(0)
    if odd > size / 2 and even == 0:
        return "utf-16-le"
    if even > size / 2 and odd == 0:
        return "utf-16-be"
    return ""


@dataclass(frozen=True)
class StageFormat:
    """A format of stage files: its name, how it is recognised, its reader.

    ``recognises`` must be certain: it answers True only where the content could be no other known
    format, looks at ``head`` first, and never raises for foreign content. A general format, such
    as a table, is asked only where no other knows the content. ``description`` is a public address
    of the format's description.
    """

    id: str
    title: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Content], bool]
    read: Callable[[Content, StageOptions], StageFile]
    reads: str
    """A sentence for the documentation: what is read."""
    refuses: str
    """A sentence for the documentation: what is refused."""
    description: str = ""
    is_general: bool = False
