"""Log files of child processes: bounded in size, without losing lines.

A child writes into a pipe, and a thread of its owner writes what arrives into the file. So the
file can be replaced by a new one while the child runs, and a full disk is an error here and not in
the child, which continues.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock, Thread

LARGEST_BYTES = 16 * 2**20
OLDER_FILES = 4
PIPE_BYTES = 2**20
SET_PIPE_SIZE = getattr(fcntl, "F_SETPIPE_SZ", None)


class RotatingFile:
    """A log file; before it is too large it becomes `NAME.1`, the one before that `NAME.2`, ...

    The file is replaced at the end of a line. A write that fails is counted, and the log reports it
    as soon as the disk has room again.
    """

    def __init__(
        self, path: Path, *, largest: int = LARGEST_BYTES, older_files: int = OLDER_FILES
    ) -> None:
        self.path, self.largest, self.older_files = path, largest, older_files
        self.lost = 0
        self._lock = Lock()

    def write(self, data: bytes) -> None:
        with self._lock:
            try:
                self._write(data)
            except OSError:
                self.lost += len(data)

    def _write(self, data: bytes) -> None:
        size = self.path.stat().st_size if self.path.exists() else 0
        if size + len(data) > self.largest:
            rest, line = _up_to_a_line(data) if size and not self._ends_a_line() else (b"", data)
            self._append(rest)
            self._shift()
            data = line
        if self.lost:
            self._append(b"epochwise: %d bytes of this log could not be written\n" % self.lost)
            self.lost = 0
        self._append(data)

    def _append(self, data: bytes) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            while data:
                data = data[os.write(descriptor, data) :]
        finally:
            os.close(descriptor)

    def _ends_a_line(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    def _shift(self) -> None:
        names = [self.path, *self.older()]
        for newer, older in zip(names[-2::-1], names[:0:-1], strict=True):
            with suppress(FileNotFoundError):
                newer.replace(older)

    def older(self) -> Iterator[Path]:
        for number in range(1, self.older_files + 1):
            yield self.path.with_name(f"{self.path.name}.{number}")


def _up_to_a_line(data: bytes) -> tuple[bytes, bytes]:
    """Return the rest of a line that has begun before, and what follows it."""
    end = data.find(b"\n") + 1
    return data[:end], data[end:]


_files: dict[Path, RotatingFile] = {}
_readers: dict[Path, list[Thread]] = {}


def log_pipe(path: Path) -> int:
    """Return the end of a pipe whose content goes to the log file `path`; the caller closes it."""
    read_end, write_end = os.pipe()
    if SET_PIPE_SIZE is not None:
        with suppress(OSError):  # more room while this process is busy
            fcntl.fcntl(write_end, SET_PIPE_SIZE, PIPE_BYTES)
    file = _files.setdefault(path, RotatingFile(path))
    reader = Thread(target=_copy, args=(read_end, file), name=f"log {path.name}", daemon=True)
    _readers[path] = [reader, *(old for old in _readers.get(path, []) if old.is_alive())]
    reader.start()
    return write_end


def _copy(read_end: int, file: RotatingFile) -> None:
    with open(read_end, "rb", buffering=0) as pipe:
        while data := pipe.read(64 * 1024):
            file.write(data)


def wait_for_log(path: Path, within_s: float = 2) -> None:
    """Wait until the last lines of ended processes are in the file."""
    for reader in _readers.get(path, []):
        reader.join(within_s)
