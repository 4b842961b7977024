"""Where export files go: a zip or a folder, with a checksum of each file taken on the way."""

import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, TextIO, cast

CHECKSUMS = "SHA256SUMS"
# Zip members carry a date; a fixed one lets the same rows give the same bytes.
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
    """Text that grows night by night beside the sink, which takes one file at a time."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile(  # noqa: SIM115 - closed by close()
            "w+", encoding="utf-8", newline=""
        )

    @property
    def is_empty(self) -> bool:
        return self.file.tell() == 0

    def copy_into(self, files: Checksummed, name: str, *, encoding: str = "utf-8") -> None:
        """Write all of it as one file; more may be added afterwards."""
        self.file.seek(0)
        with files.text(name, encoding=encoding) as target:
            shutil.copyfileobj(self.file, target)

    def close(self) -> None:
        self.file.close()
