"""Writing a store, record after record."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from psg.files import put_in_place
from psg.signalstore.layout import (
    MAGIC,
    PREFIX,
    SAMPLE_BYTES,
    StoredChannel,
    StoreHeader,
    data_offset,
)


class SignalStoreWriter(AbstractContextManager["SignalStoreWriter"]):
    """Write a store record after record; it takes its name only once it is whole and on disk."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        channels: Sequence[StoredChannel],
        epoch_count: int,
        epoch0_s: float,
    ) -> None:
        self.path = Path(path)
        self.header = StoreHeader(epoch_count, epoch0_s, tuple(channels))
        self._partial = self.path.with_name(f"{self.path.name}.{os.getpid()}.part")
        self._written = 0

    def __enter__(self) -> SignalStoreWriter:
        head = self.header.to_json()
        self._file = self._partial.open("wb")
        self._file.write((PREFIX.pack(MAGIC, len(head)) + head).ljust(data_offset(head), b"\0"))
        return self

    def append(self, channel_counts: Sequence[NDArray[np.int16]]) -> None:
        """Write the next epochs: for each channel an array (epochs, samples_per_epoch)."""
        records = np.concatenate(channel_counts, axis=1).astype("<i2", copy=False)
        if records.shape[1] * SAMPLE_BYTES != self.header.record_size:
            raise ValueError(f"records of {records.shape[1]} samples do not fit the header")
        self._file.write(records.tobytes())
        self._written += len(records)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if kind is not None:
            self._partial.unlink(missing_ok=True)
            return
        if self._written != self.header.epoch_count:
            self._partial.unlink(missing_ok=True)
            raise ValueError(f"{self._written} of {self.header.epoch_count} epochs were written")
        put_in_place(self._partial, self.path)
