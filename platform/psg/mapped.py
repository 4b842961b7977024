"""Files that are read in pieces, however large they are."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

# Pages that were read count as memory of the process until they are given back.
KEPT_BYTES = 16 * 2**20


class MappedRows:
    """Rows of the same number of bytes in a file, such as data records, mapped into memory.

    Parameters
    ----------
    offset : int
        Bytes before the first row.
    """

    def __init__(self, path: Path, *, offset: int, row_bytes: int, count: int) -> None:
        with path.open("rb") as file:
            self._pages = mmap.mmap(
                file.fileno(), offset + row_bytes * count, access=mmap.ACCESS_READ
            )
        flat = np.frombuffer(self._pages, dtype=np.uint8, offset=offset)
        self._rows = flat.reshape(count, row_bytes)
        self._touched_bytes = 0

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, first: int = 0, stop: int | None = None) -> Iterator[NDArray[np.uint8]]:
        """Yield rows as bytes (rows, row_bytes), some at a time; copy what is to be kept.

        After some 16 MiB pages are given back; the system still has them should they be needed.
        """
        stop = len(self._rows) if stop is None else stop
        row_bytes = self._rows.shape[1]
        at_once = max(1, KEPT_BYTES // row_bytes)
        for begin in range(first, stop, at_once):
            end = min(begin + at_once, stop)
            yield self._rows[begin:end]
            self._touched_bytes += (end - begin) * row_bytes
            if self._touched_bytes >= KEPT_BYTES:
                self._pages.madvise(mmap.MADV_DONTNEED)
                self._touched_bytes = 0
