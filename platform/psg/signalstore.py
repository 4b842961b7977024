"""A file for each recording, laid out epoch by epoch, so that an epoch is a contiguous read.

Layout: 8 bytes magic, header length (uint32 little-endian), JSON header, zeros up to a
multiple of 4096, then a record for each epoch. A record holds, channel after channel in the
order of the header, ``samples_per_epoch`` little-endian int16.

The *scored store* holds the derivations of the file, in their fixed order, at 100 Hz as published
for models, then the chin at its native rate for human eyes. Where the mains do not have the 50 Hz
of the published notch, it also holds every derivation at 100 Hz with the right notch, named
``C4-M1 for people``: `SignalStore.for_people` reads these where they exist. The *raw store* holds
every usable channel of the file at its native rate, unfiltered. Neither holds a name, a date or a
text of the source.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TypedDict

import numpy as np
from numpy.typing import NDArray

from psg.errors import SignalStoreError
from psg.montage import DERIVATIONS, Derivation

MAGIC = b"EPOCHW01"
CHIN_NATIVE = "Chin native"
FOR_PEOPLE = " for people"
PREFIX = struct.Struct("<8sI")
MAX_HEADER_BYTES = 4 * 1024 * 1024
SAMPLE_BYTES = 2
_ALIGNMENT = 4096


@dataclass(frozen=True)
class StoredChannel:
    """A channel of the store; a count of the file is ``scale_uv`` of its unit (uV)."""

    name: str
    sfreq_hz: float
    samples_per_epoch: int
    scale_uv: float
    unit: str = "uV"


class PlacedChannel(TypedDict):
    """A channel and its offset inside a record, as plain values for JSON."""

    name: str
    sfreq_hz: float
    samples_per_epoch: int
    scale_uv: float
    unit: str
    offset_bytes: int


@dataclass(frozen=True)
class StoreHeader:
    """The header of a store; it describes every record."""

    epoch_count: int
    epoch0_s: float
    channels: tuple[StoredChannel, ...]

    @property
    def record_size(self) -> int:
        """Bytes in an epoch record."""
        return sum(channel.samples_per_epoch for channel in self.channels) * SAMPLE_BYTES

    def offsets_bytes(self) -> list[int]:
        """Where each channel starts inside a record, in bytes."""
        offsets, position = [], 0
        for channel in self.channels:
            offsets.append(position)
            position += channel.samples_per_epoch * SAMPLE_BYTES
        return offsets

    def describe_channels(self) -> list[PlacedChannel]:
        """Describe each channel and its place in a record, for other readers."""
        return [
            {
                "name": channel.name,
                "sfreq_hz": channel.sfreq_hz,
                "samples_per_epoch": channel.samples_per_epoch,
                "scale_uv": channel.scale_uv,
                "unit": channel.unit,
                "offset_bytes": offset,
            }
            for channel, offset in zip(self.channels, self.offsets_bytes(), strict=True)
        ]

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> StoreHeader:
        fields = json.loads(data)
        channels = tuple(StoredChannel(**channel) for channel in fields["channels"])
        return cls(int(fields["epoch_count"]), float(fields["epoch0_s"]), channels)


def data_offset(head: bytes) -> int:
    """Give where the records begin, in bytes, after a JSON header."""
    return -(-(PREFIX.size + len(head)) // _ALIGNMENT) * _ALIGNMENT


_INT16_MAX = 32767


def scale_for(signal_uv: NDArray[np.floating[Any]], finest_uv: float = 0.01) -> float:
    """Choose the uV per count that keeps the whole signal inside int16, no finer than needed."""
    peak_uv = max(float(signal_uv.max()), -float(signal_uv.min())) if signal_uv.size else 0.0
    return max(finest_uv, peak_uv / _INT16_MAX)


def to_counts(signal_uv: NDArray[np.floating[Any]], scale_uv: float) -> NDArray[np.int16]:
    """Round a signal in uV to counts of ``scale_uv``."""
    counts = signal_uv * signal_uv.dtype.type(1.0 / scale_uv)
    np.rint(counts, out=counts)
    np.clip(counts, -_INT16_MAX - 1, _INT16_MAX, out=counts)
    return counts.astype(np.int16)


def put_in_place(half: Path, path: Path) -> None:
    """Sync a finished file to disk, then rename it to its final name.

    Without the sync, a power cut could leave the name without the bytes, a night of zeros.
    """
    with half.open("rb") as file:
        os.fsync(file.fileno())
    half.replace(path)


_NAMES = {derivation.value: derivation for derivation in DERIVATIONS}


class BinaryFile(Protocol):
    """The methods of a file that a store needs; files of Django and Python have them."""

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
        self._check_epochs(first, count)
        self._file.seek(self._offset + first * self.record_size)
        return self._read(count * self.record_size)

    def _check_epochs(self, first: int, count: int) -> None:
        if first < 0 or count < 1 or first + count > self.epoch_count:
            raise SignalStoreError(
                f"Epochs {first} to {first + count - 1} are not in the recording",
                advice=f"It has epochs 0 to {self.epoch_count - 1}.",
            )

    def _read(self, size: int) -> bytes:
        data = self._file.read(size)
        if len(data) != size:
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
        """Read the model's view: the derivations as published, in uV.

        Returns
        -------
        ndarray of float32, shape (count, n_derivations, 3000)
        """
        return self.read_channels_uv([name.value for name in self.derivations], first, count)

    def for_people(self) -> PeopleSignals:
        """Give what people see and detectors measure, with the notch of this night's mains."""
        return PeopleSignals(self)

    def read_channels_uv(
        self, names: Sequence[str], first: int, count: int = 1
    ) -> NDArray[np.float32]:
        """Read channels of the same rate, in the given order: (count, n_names, samples)."""
        counts = self.read_counts(first, count)
        views = {}
        position = 0
        for channel in self.header.channels:
            stop = position + channel.samples_per_epoch
            if channel.name in names:
                views[channel.name] = counts[:, position:stop] * np.float32(channel.scale_uv)
            position = stop
        return np.stack([views[name] for name in names], axis=1).astype(np.float32, copy=False)

    def read_channel_uv(self, name: str, first: int, count: int = 1) -> NDArray[np.float32]:
        """Read a channel by name, in its unit; shape (count, samples_per_epoch)."""
        for place, channel in enumerate(self.header.channels):
            if channel.name == name:
                counts = self.read_channel_counts(place, first, count)
                return counts * np.float32(channel.scale_uv)
        raise SignalStoreError(
            f"The recording has no channel {name}", advice="Choose one of its channels."
        )

    def read_channel_counts(self, place: int, first: int, count: int) -> NDArray[np.int16]:
        """Read a channel by its place in the header, as counts; (count, samples_per_epoch)."""
        self._check_epochs(first, count)
        channel = self.header.channels[place]
        at, size = self.header.offsets_bytes()[place], channel.samples_per_epoch * SAMPLE_BYTES
        pieces = []
        for epoch in range(first, first + count):
            self._file.seek(self._offset + epoch * self.record_size + at)
            pieces.append(self._read(size))
        return np.frombuffer(b"".join(pieces), dtype="<i2").reshape(count, -1)

    def close(self) -> None:
        self._file.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class PeopleSignals:
    """The derivations of a store as people see them and detectors measure them, at 100 Hz.

    Parameters
    ----------
    store : SignalStore
        It stays open as long as this is read.
    """

    def __init__(self, store: SignalStore) -> None:
        self._store = store
        self.derivations = store.derivations
        self.epoch_count = store.epoch_count
        stored = {channel.name for channel in store.header.channels}
        names = [derivation.value for derivation in store.derivations]
        self._names = [n + FOR_PEOPLE if n + FOR_PEOPLE in stored else n for n in names]

    def read_uv(self, first: int, count: int = 1) -> NDArray[np.float32]:
        """Read epochs in uV: (count, n_derivations, 3000)."""
        return self._store.read_channels_uv(self._names, first, count)


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
