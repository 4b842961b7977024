"""Read a stage file with the reader of its format."""

from __future__ import annotations

import gzip
import os
import re
import struct
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from psg.doubts import Choice, Doubt, refuse_open
from psg.errors import StageFileError
from psg.readers.containers import GZIP_MARK
from psg.stagefiles.bounds import MAX_BYTES
from psg.stagefiles.entries import StageEntry
from psg.stagefiles.facts import StageFile, StageOptions, StageTable
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.formats import ALL
from psg.stagefiles.marks import read_mark
from psg.stagefiles.place import asked_tables


def read_stage_file(
    path: str | os.PathLike[str], options: StageOptions | None = None, *, name: str = ""
) -> StageFile:
    """Read what a stage file says: stages and other events by scorer, its clock, its doubts.

    Parameters
    ----------
    path : path-like
        A file of any format in `psg.stagefiles.formats.ALL`; the content decides which.
    options : StageOptions, optional
        What a person says of the file.
    name : str, optional
        The file's own name, where the path has another.

    Raises
    ------
    StageFileError
        When the format is not known, the file is damaged, or it holds no stages.
    """
    options = options or StageOptions()
    try:
        with _opened(Path(path), name) as content:
            file = _read(content, options)
            mark = read_mark(content.head)
    except (ValueError, LookupError, ArithmeticError, RecursionError, struct.error) as error:
        # A fault of a reader that the formats do not name themselves; RefusedError is none of
        # these. The file stays refused as a whole. The words of the fault may be those of the file,
        # with the name of a person.
        raise StageFileError(
            "The stage file cannot be read",
            where=type(error).__name__,
            advice="Export the stages again, as EDF+, XML, csv or text.",
        ) from error
    return replace(file, sha256=Content(Path(path)).sha256, mark=mark)


def is_stage_file(path: str | os.PathLike[str], *, name: str = "") -> bool:
    """Whether the content is that of a stage file of a known format."""
    try:
        with _opened(Path(path), name) as content:
            return bool(content.head and _formats_of(content, StageOptions()))
    except StageFileError:
        return False


def settled(file: StageFile) -> StageFile:
    """Return a file without open doubts.

    Raises
    ------
    OpenDoubtsError
        When a person must answer before its stages are used.
    """
    refuse_open(file.doubts)
    return file


def read_single(path: str | os.PathLike[str], options: StageOptions | None = None) -> StageTable:
    """Read the stages of a file that has a single scorer, and no open doubts.

    Raises
    ------
    StageFileError, OpenDoubtsError
    """
    file = settled(read_stage_file(path, options))
    return only_table(file, options or StageOptions())


def only_table(file: StageFile, options: StageOptions) -> StageTable:
    """Return the table of the scorer that is asked for, or of the only scorer.

    Raises
    ------
    StageFileError
        When the file has no such scorer, or several and none was named.
    """
    tables = asked_tables(file, options)
    if len(tables) == 1:
        return tables[0]
    raise StageFileError(
        "The file has stages of several scorers",
        where=", ".join(f"“{table.scorer}”" for table in tables),
        advice="Name one of them.",
    )


def read_entries(
    path: str | os.PathLike[str], options: StageOptions | None = None
) -> list[StageEntry]:
    """Read the stage entries of a file that has a single scorer, and no open doubts."""
    return list(read_single(path, options).entries)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Content]:
    """Open a stage file; of a gz the file inside.

    Raises
    ------
    StageFileError
        When a gz is damaged, or holds more than a stage file can.
    """
    with path.open("rb") as file:
        is_packed = file.read(len(GZIP_MARK)) == GZIP_MARK
    if not is_packed:
        yield Content(path, name)
        return
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "stages"
        try:
            with gzip.open(path) as packed:
                inside.write_bytes(packed.read(MAX_BYTES + 1))
        except (OSError, EOFError, zlib.error) as error:
            raise StageFileError(
                "The gzip archive is damaged or incomplete",
                where=type(error).__name__,
                advice="Copy it again.",
            ) from error
        yield Content(inside, re.sub(r"\.gz$", "", name or path.name, flags=re.IGNORECASE))


def _read(content: Content, options: StageOptions) -> StageFile:
    if not content.head:
        raise StageFileError("The stage file is empty", where="0 bytes", advice="Export it again.")
    formats = _formats_of(content, options)
    if not formats:
        raise _unknown(content)
    if len(formats) > 1:
        return StageFile(format="", tables=(), doubts=(_which_format(formats),))
    return formats[0].read(content, options)


def _formats_of(content: Content, options: StageOptions) -> list[StageFormat]:
    if options.format:
        named = [each for each in ALL if each.id == options.format]
        if not named:
            raise StageFileError(
                f"There is no format “{options.format[:40]}”",
                advice=f"Known are {', '.join(each.id for each in ALL)}.",
            )
        return named
    special = [each for each in ALL if not each.is_general and _recognises(each, content)]
    return special or [each for each in ALL if each.is_general and each.recognises(content)]


def _recognises(known: StageFormat, content: Content) -> bool:
    try:
        return known.recognises(content)
    except StageFileError:
        # Too long a line, say, for this format; another may have its own bounds.
        return False


def _which_format(formats: Sequence[StageFormat]) -> Doubt:
    return Doubt(
        code="format",
        what="Which format of stage files does the file have?",
        where=", ".join(each.title for each in formats),
        choices=tuple(Choice(each.id, each.title) for each in formats),
        option=f"--format {'|'.join(each.id for each in formats)}",
    )


# What a file is that is no stage file, by its first bytes.
_LOOKS = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a zip archive or an Office document"),
    (GZIP_MARK, "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\xffBIOSEMI", "a BDF recording"),
    (b"\x89HDF", "an HDF5 file"),
    (b"MATLAB 5", "a MATLAB file"),
    (b"SQLite", "a database"),
)


def _unknown(content: Content) -> StageFileError:
    looks = next((what for mark, what in _LOOKS if content.head.startswith(mark)), "")
    if not looks:
        looks = "a text without stages that are known" if content.is_text else "no text and no EDF"
    return StageFileError(
        "The format of the stage file is not known",
        where=f"it looks like {looks}",
        advice="Export the stages as EDF+ annotations, XML, csv or text.",
    )
