"""Reading a store by epoch."""

from __future__ import annotations

import os
import struct
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from psg.errors import SignalStoreError
from psg.montage import DERIVATIONS, Derivation
from psg.signalstore.layout import MAGIC, MAX_HEADER_BYTES, PREFIX, StoreHeader, data_offset

_NAMES = {derivation.value: derivation for derivation in DERIVATIONS}


class BinaryFile(Protocol):
    """What a store needs of a file; Django's files and Python's both have it."""

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, /) -> Any: ...

    def close(self) -> None: ...


class SignalStore(AbstractContextManager["SignalStore"]):
    """Read access to a store, by epoch."""

    def __init__(self, file: BinaryFile, header: StoreHeader, offset: int) -> None:
        self._file = file
        self._offset = offset
        self.header = header
        self.record_size = header.record_size
        self.derivations: tuple[Derivation, ...] = tuple(
            _NAMES[channel.name] for channel in header.channels if channel.name in _NAMES
        )

    @classmethod
    def open(cls, source: str | os.PathLike[str] | BinaryFile) -> SignalStore:
        """Open a store from a path or a seekable binary file.

        Raises
        ------
        SignalStoreError
            When the file is not a store, or is shorter than its header says.
        """
        file = _binary(source)
        try:
            header, offset = _read_header(file)
        except (ValueError, KeyError, TypeError, struct.error):
            file.close()
            raise SignalStoreError(
                "The signal store is damaged", advice="Import the recording again."
            ) from None
        return cls(file, header, offset)

    @property
    def epoch_count(self) -> int:
        return self.header.epoch_count

    def read_record(self, first: int, count: int = 1) -> bytes:
        """Read whole epoch records as they lie in the file."""
        if first < 0 or count < 1 or first + count > self.epoch_count:
            raise SignalStoreError(
                f"Epochs {first} to {first + count - 1} are not in the recording",
                advice=f"It has epochs 0 to {self.epoch_count - 1}.",
            )
        self._file.seek(self._offset + first * self.record_size)
        data = self._file.read(count * self.record_size)
        if len(data) != count * self.record_size:
            raise SignalStoreError(
                "The signal store is shorter than its header says",
                advice="Import the recording again.",
            )
        return data

    def read_counts(self, first: int, count: int = 1) -> NDArray[np.int16]:
        """Read records as counts; shape (count, samples of all channels)."""
        flat = np.frombuffer(self.read_record(first, count), dtype="<i2")
        return flat.reshape(count, -1)

    def read_uv(self, first: int, count: int = 1) -> NDArray[np.float32]:
        """Read the model's view: the derivations, in uV.

        Returns
        -------
        ndarray of float32, shape (count, n_derivations, 3000)
        """
        counts = self.read_counts(first, count)
        views = []
        position = 0
        for channel in self.header.channels:
            stop = position + channel.samples_per_epoch
            if channel.name in _NAMES:
                views.append(counts[:, position:stop] * np.float32(channel.scale_uv))
            position = stop
        return np.stack(views, axis=1).astype(np.float32, copy=False)

    def read_channel_uv(self, name: str, first: int, count: int = 1) -> NDArray[np.float32]:
        """Read one channel by name, in its unit; shape (count, samples_per_epoch)."""
        position = 0
        for channel in self.header.channels:
            if channel.name == name:
                counts = self.read_counts(first, count)
                part = counts[:, position : position + channel.samples_per_epoch]
                return part * np.float32(channel.scale_uv)
            position += channel.samples_per_epoch
        raise SignalStoreError(
            f"The recording has no channel {name}", advice="Choose one of its channels."
        )

    def close(self) -> None:
        self._file.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _binary(source: str | os.PathLike[str] | BinaryFile) -> BinaryFile:
    if isinstance(source, str | os.PathLike):
        return Path(source).open("rb")
    return source


def _read_header(file: BinaryFile) -> tuple[StoreHeader, int]:
    magic, length = PREFIX.unpack(file.read(PREFIX.size))
    if magic != MAGIC or length > MAX_HEADER_BYTES:
        raise ValueError("not a signal store")
    head = file.read(length)
    return StoreHeader.from_json(head), data_offset(head)
