"""Files for download: csv tables, and zips or folders with the checksum of every file."""

import csv
import hashlib
import io
import shutil
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol, TextIO, cast

from psg.massex import FORMULA_STARTS
from recordings.store import unnamed_file

CHECKSUMS = "SHA256SUMS"
# Zip members have a date; with a fixed date the same rows give the same bytes.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_COMPRESSED_ALREADY = (".parquet", ".png")


class Sink(Protocol):
    def open(self, name: str) -> "BinaryIO": ...


class ZipSink:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def open(self, name: str) -> BinaryIO:
        info = zipfile.ZipInfo(name, date_time=_ZIP_DATE)
        is_small = name.endswith(_COMPRESSED_ALREADY)
        info.compress_type = zipfile.ZIP_STORED if is_small else zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return cast(BinaryIO, self._archive.open(info, "w"))


class FolderSink:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, name: str) -> BinaryIO:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")


class _Hashing(io.RawIOBase):
    """Pass bytes on and hash them; closing it leaves the target open."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.sha256 = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        chunk = bytes(data)
        self.sha256.update(chunk)
        self._target.write(chunk)
        return len(chunk)


class Checksummed:
    """Files into a sink, each remembered with its SHA-256."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._sums: dict[str, str] = {}

    @contextmanager
    def text(self, name: str, *, encoding: str = "utf-8") -> Iterator[TextIO]:
        with (
            self.binary(name) as raw,
            io.TextIOWrapper(raw, encoding=encoding, newline="") as file,
        ):
            yield file

    @contextmanager
    def binary(self, name: str) -> Iterator[BinaryIO]:
        with self._sink.open(name) as target:
            hashing = _Hashing(target)
            with io.BufferedWriter(cast(io.RawIOBase, hashing), 2**16) as file:
                yield file
        self._sums[name] = hashing.sha256.hexdigest()

    @property
    def sums(self) -> dict[str, str]:
        """The SHA-256 of every file so far, by name."""
        return dict(self._sums)

    def write_checksums(self) -> None:
        """Write the list in the form that `sha256sum -c` reads."""
        lines = [f"{digest}  {name}\n" for name, digest in sorted(self._sums.items())]
        with self._sink.open(CHECKSUMS) as target:
            target.write("".join(lines).encode())


class Spool:
    """Text that grows night by night. It is kept apart: a sink takes a single file at a time."""

    def __init__(self) -> None:
        self.file = io.TextIOWrapper(unnamed_file(), encoding="utf-8", newline="")

    @property
    def is_empty(self) -> bool:
        return self.file.tell() == 0

    def copy_into(self, files: Checksummed, name: str, *, encoding: str = "utf-8") -> None:
        """Write all of it as a file; more may be added afterwards."""
        self.file.seek(0)
        with files.text(name, encoding=encoding) as target:
            shutil.copyfileobj(self.file, target)

    def close(self) -> None:
        self.file.close()


# Tables. They are written a second time for spreadsheets: there a cell that would start a formula
# begins with an apostrophe.


Cells = tuple[str | int | float, ...]


@dataclass(frozen=True)
class Table:
    """Columns and rows of a csv file."""

    columns: Sequence[str]
    rows: Sequence[Cells]


def spreadsheet_safe(table: Table) -> Table:
    """Return the table with every cell that could start a formula turned into plain text."""
    return Table(table.columns, [tuple(_safe(cell) for cell in row) for row in table.rows])


def _safe(cell: str | int | float) -> str | int | float:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def csv_lines(columns: Sequence[str], chunks: Iterable[Sequence[Cells]]) -> Iterator[str]:
    """Yield a table for a spreadsheet as csv, chunk by chunk, so that memory stays flat."""
    yield _csv_text(Table(columns, ()), header=True)
    for rows in chunks:
        yield _csv_text(Table(columns, rows), header=False)


def _csv_text(table: Table, *, header: bool) -> str:
    file = io.StringIO()
    write_csv(file, spreadsheet_safe(table), header=header)
    return file.getvalue()


def write_csv(file: IO[str], table: Table, *, header: bool = True) -> None:
    """Write comma-separated, quoted where needed. `file` must not translate line ends."""
    bare = csv.writer(file, lineterminator="\n")
    # csv quotes a lone carriage return only where it ends lines, yet every reader splits at it.
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    if header:
        bare.writerow(table.columns)
    for row in table.rows:
        has_return = any(isinstance(cell, str) and "\r" in cell for cell in row)
        (quoted if has_return else bare).writerow(row)
