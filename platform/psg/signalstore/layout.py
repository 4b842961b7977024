"""How a store is laid out: its channels, its header, where its records begin."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from typing import Any

MAGIC = b"EPOCHW01"
CHIN_NATIVE = "Chin native"
PREFIX = struct.Struct("<8sI")
MAX_HEADER_BYTES = 4 * 1024 * 1024
SAMPLE_BYTES = 2
_ALIGNMENT = 4096


@dataclass(frozen=True)
class StoredChannel:
    """One channel of the store; a count of the file is ``scale_uv`` of its unit (uV)."""

    name: str
    sfreq_hz: float
    samples_per_epoch: int
    scale_uv: float
    unit: str = "uV"


@dataclass(frozen=True)
class StoreHeader:
    """What the records hold; the same for every record of a store."""

    epoch_count: int
    epoch0_s: float
    channels: tuple[StoredChannel, ...]

    @property
    def record_size(self) -> int:
        """Bytes in one epoch record."""
        return sum(channel.samples_per_epoch for channel in self.channels) * SAMPLE_BYTES

    def offsets_bytes(self) -> list[int]:
        """Where each channel starts inside a record, in bytes."""
        offsets, position = [], 0
        for channel in self.channels:
            offsets.append(position)
            position += channel.samples_per_epoch * SAMPLE_BYTES
        return offsets

    def describe_channels(self) -> list[dict[str, Any]]:
        """Say what each channel is and where it starts, as readers elsewhere need it."""
        return [
            {**asdict(channel), "offset_bytes": offset}
            for channel, offset in zip(self.channels, self.offsets_bytes(), strict=True)
        ]

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> StoreHeader:
        fields: dict[str, Any] = json.loads(data)
        channels = tuple(StoredChannel(**channel) for channel in fields["channels"])
        return cls(int(fields["epoch_count"]), float(fields["epoch0_s"]), channels)


def data_offset(head: bytes) -> int:
    """Give where the records begin, in bytes, after a JSON header."""
    return -(-(PREFIX.size + len(head)) // _ALIGNMENT) * _ALIGNMENT
