"""GDF 1.x and 2.x: like EDF with binary fields, any type of numbers, and a table of events."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from psg.edf.annotations import Annotation
from psg.edf.channels import Channel
from psg.edf.header import decode_text
from psg.errors import RecordingFileError, fault_words
from psg.mapped import MappedRows
from psg.readers.blockfile import (
    BlockFile,
    bits_of,
    checked_channel_count,
    number_channel,
    whole_samples,
)
from psg.readers.format import NightFiles, RecordingFormat
from psg.units import UNKNOWN_UNIT

_VERSION = re.compile(rb"GDF ([12]\.\d\d)")
_FIXED_BYTES = 256
_DTYPES = {
    1: "<i1", 2: "<u1", 3: "<i2", 4: "<u2", 5: "<i4", 6: "<u4", 7: "<i8", 8: "<u8",
    16: "<f4", 17: "<f8",
}  # fmt: skip
_INT24, _UINT24 = 255 + 24, 511 + 24
# Codes of ISO/IEEE 11073-10101: volts with a decimal factor in the lowest five bits, and two of the
# others. A unit that is not known must not pass for none, which would be taken for uV.
_UNITS = {0: "", 512: "", 544: "%"}
_PREFIXES = {0: "", 18: "m", 19: "u", 20: "n"}
_VOLT, _FACTOR_MASK = 4256, 0b11111
_MAX_EVENTS = 500_000
_END_OF_EVENT = 0x8000


@dataclass(frozen=True)
class _Header:
    version: float
    size_bytes: int
    record_count: int
    record_s: float
    clock_s: float | None
    labels: list[str]
    units: list[str]
    ranges: NDArray[np.float64]
    """Physical minimum and maximum, digital minimum and maximum; shape (4, channels)."""
    samples: list[int]
    types: list[int]


def _open(files: NightFiles) -> BlockFile:
    size_bytes = files.main.stat().st_size
    with files.main.open("rb") as file:
        try:
            header = _read_header(file, size_bytes)
        except (struct.error, ValueError, OverflowError) as error:
            raise _damaged(fault_words(error)) from error
        record_bytes = sum(
            samples * _width(kind)
            for samples, kind in zip(header.samples, header.types, strict=True)
        )
        if record_bytes == 0 or not 0 < header.record_s < 86_400:
            raise _damaged("records without length or samples")
        declared = header.record_count if header.record_count > 0 else None
        count, remarks = whole_samples(
            size_bytes - header.size_bytes, record_bytes, declared, of="records"
        )
        if declared is not None:
            # What follows the declared records is the table of events.
            count, remarks = declared, []
        file.seek(header.size_bytes + count * record_bytes)
        marks, more = _events(file, header)
    joins_s = sorted({mark.onset_s for mark in marks if mark.text == _NEW_SEGMENT} - {0.0})
    channels = tuple(_channel(index, header) for index in range(len(header.labels)))
    return BlockFile(
        channels=channels,
        duration_s=count * header.record_s,
        read_samples=_reader(files.main, header, count, record_bytes),
        marks=marks,
        start_clock_s=header.clock_s,
        remarks=(*remarks, *more),
        joins_s=joins_s,
    )


def _damaged(where: str) -> RecordingFileError:
    return RecordingFileError(
        "The header of this GDF file cannot be read",
        where=where,
        advice="It is damaged or incomplete; export the recording again.",
    )


def _read_header(file: BinaryIO, size_bytes: int) -> _Header:
    fixed = file.read(_FIXED_BYTES)
    match = _VERSION.match(fixed)
    if match is None or len(fixed) < _FIXED_BYTES:
        raise _damaged("first 256 bytes")
    version = float(match.group(1))
    is_first = version < 1.9
    if is_first:
        header_bytes = struct.unpack_from("<q", fixed, 184)[0]
        record_count, above, below, count = struct.unpack_from("<qIII", fixed, 236)
    else:
        header_bytes = struct.unpack_from("<H", fixed, 184)[0] * _FIXED_BYTES
        record_count, above, below, count = struct.unpack_from("<qIIH", fixed, 236)
    checked_channel_count(count)
    if not _FIXED_BYTES * (1 + count) <= header_bytes <= size_bytes:
        raise _damaged(f"{header_bytes} bytes of header for {count} channels")
    columns = _Columns(file.read(_FIXED_BYTES * count), count)
    labels = [decode_text(text) for text in columns.texts(16)]
    columns.skip(80)
    if is_first:
        units = [decode_text(text) for text in columns.texts(8)]
        ranges = [columns.numbers(kind) for kind in ("<f8", "<f8", "<i8", "<i8")]
        columns.skip(80)
    else:
        columns.skip(6)
        units = [_unit(int(code)) for code in columns.numbers("<u2")]
        ranges = [columns.numbers("<f8") for _ in range(4)]
        columns.skip(68 + 12)
    samples, types = columns.numbers("<i4"), columns.numbers("<i4")
    if (samples < 0).any():
        raise _damaged("a negative number of samples")
    return _Header(
        version=version,
        size_bytes=header_bytes,
        record_count=record_count,
        record_s=above / below if below else float("nan"),
        clock_s=_clock_of_text(fixed[168:184]) if is_first else _clock_of_days(fixed[168:176]),
        labels=labels,
        units=units,
        ranges=np.array(ranges, dtype=np.float64),
        samples=[int(number) for number in samples],
        types=[int(number) for number in types],
    )


class _Columns:
    """The header of the channels: field after field, each for all channels."""

    def __init__(self, data: bytes, count: int) -> None:
        self._data, self._count, self._at = data, count, 0

    def skip(self, width: int) -> None:
        self._at += width * self._count

    def texts(self, width: int) -> list[bytes]:
        starts = range(self._at, self._at + width * self._count, width)
        self.skip(width)
        return [self._data[start : start + width].split(b"\0")[0] for start in starts]

    def numbers(self, kind: str) -> NDArray[Any]:
        values = np.frombuffer(self._data, dtype=kind, count=self._count, offset=self._at)
        self.skip(values.dtype.itemsize)
        return values


def _unit(code: int) -> str:
    if code & ~_FACTOR_MASK == _VOLT and code & _FACTOR_MASK in _PREFIXES:
        return f"{_PREFIXES[code & _FACTOR_MASK]}V"
    return _UNITS.get(code, UNKNOWN_UNIT)


def _clock_of_text(field: bytes) -> float | None:
    match = re.fullmatch(rb"\d{8}(\d\d)(\d\d)(\d\d)(\d\d| {2}|\0{2})?", field)
    if match is None:
        return None
    hours, minutes, seconds = (int(match.group(index)) for index in (1, 2, 3))
    return float((hours * 3600 + minutes * 60 + seconds) % 86_400)


def _clock_of_days(field: bytes) -> float | None:
    """Read days since year 0 in units of 2**-32: the fraction is the time of day."""
    days = struct.unpack("<Q", field)[0]
    return round((days % 2**32) / 2**32 * 86_400, 3) % 86_400 if days else None


def _width(kind: int) -> int:
    if kind in (_INT24, _UINT24):
        return 3
    if kind not in _DTYPES:
        raise RecordingFileError(
            f"This GDF file has numbers of a type that is not read ({kind})",
            where="header of the channels",
            advice="Export the recording as EDF.",
        )
    return np.dtype(_DTYPES[kind]).itemsize


def _channel(index: int, header: _Header) -> Channel:
    low, high, first, last = (float(value) for value in header.ranges[:, index])
    with np.errstate(all="ignore"):
        gain = float(np.float64(high - low) / np.float64(last - first))
    kind = header.types[index]
    note = "" if np.isfinite(gain) and gain else "its range is not a pair of numbers"
    if not header.samples[index]:
        note = "it holds no samples"
    return number_channel(
        index,
        header.labels[index],
        sfreq_hz=header.samples[index] / header.record_s,
        unit=header.units[index],
        gain=gain,
        offset=low - gain * first,
        bits=_bits(kind),
        note=note,
    )


def _bits(kind: int) -> int:
    return 32 if kind in (_INT24, _UINT24) else bits_of(np.dtype(_DTYPES[kind]))


def _reader(
    path: Path, header: _Header, count: int, record_bytes: int
) -> Callable[[Channel, int, int], NDArray[Any]]:
    rows = MappedRows(path, offset=header.size_bytes, row_bytes=record_bytes, count=count)
    widths = [
        samples * _width(kind) for samples, kind in zip(header.samples, header.types, strict=True)
    ]
    starts = np.cumsum([0, *widths])

    def read(channel: Channel, first: int, stop: int) -> NDArray[Any]:
        size = header.samples[channel.index]
        begin, end = int(starts[channel.index]), int(starts[channel.index + 1])
        record, last = first // size, -(-stop // size)
        pieces = [
            _numbers(piece[:, begin:end], header.types[channel.index]).reshape(-1)
            for piece in rows.read(record, last)
        ]
        samples: NDArray[Any] = np.concatenate(pieces)
        return samples[first - record * size : stop - record * size]

    return read


def _numbers(data: NDArray[np.uint8], kind: int) -> NDArray[Any]:
    """Copy numbers out of bytes (records, bytes): int16 where they fit, else wider or float."""
    if kind in (_INT24, _UINT24):
        wide = np.zeros((len(data), data.shape[1] // 3, 4), dtype=np.uint8)
        wide[..., 1:] = data.reshape(len(data), -1, 3)
        counts: NDArray[Any] = wide.view(np.dtype("<i4" if kind == _INT24 else "<u4"))[..., 0] >> 8
        return counts.astype(np.int32)
    values = data.view(np.dtype(_DTYPES[kind]))
    if values.dtype.kind == "f":
        return values.copy()
    return values.astype({16: np.int16, 32: np.int32}.get(_bits(kind), np.int64))


# The code of a segment that begins after a break.
_NEW_SEGMENT = "event 0x7ffe"
# Codes of the stages of Rechtschaffen and Kales, with the words of EDF+ for them.
_STAGES = {
    0x0410: "Sleep stage W",
    0x0411: "Sleep stage 1",
    0x0412: "Sleep stage 2",
    0x0413: "Sleep stage 3",
    0x0414: "Sleep stage 4",
    0x0415: "Sleep stage R",
}


def _events(file: BinaryIO, header: _Header) -> tuple[list[Annotation], list[str]]:
    """Read the table of events behind the records: codes with times, and no texts."""
    head = file.read(8)
    if len(head) < 8 or head[0] not in (1, 3):
        return [], []
    if header.version < 1.94:
        sfreq_hz, count = float(int.from_bytes(head[1:4], "little")), *struct.unpack("<I", head[4:])
    else:
        count, sfreq_hz = int.from_bytes(head[1:4], "little"), *struct.unpack("<f", head[4:])
    rates = [samples / header.record_s for samples in header.samples]
    if not (np.isfinite(sfreq_hz) and sfreq_hz > 0):
        sfreq_hz = max(rates)
    data = file.read(count * 12) if count <= _MAX_EVENTS else b""
    if len(data) < count * (12 if head[0] == 3 else 6):
        return [], ["The table of events is damaged or incomplete; its events were left out."]
    places = np.frombuffer(data, dtype="<u4", count=count)
    codes = np.frombuffer(data, dtype="<u2", count=count, offset=4 * count)
    lengths = (
        np.frombuffer(data, dtype="<u4", count=count, offset=8 * count)
        if head[0] == 3
        else np.zeros(count, dtype="<u4")
    )
    marks = [
        Annotation(
            (int(place) - 1) / sfreq_hz,
            int(length) / sfreq_hz,
            _STAGES.get(int(code), f"event {code:#06x}"),
        )
        for place, code, length in zip(places, codes, lengths, strict=True)
        if not code & _END_OF_EVENT and place >= 1
    ]
    others = sum(mark.text.startswith("event") for mark in marks)
    told = f"{others} events have codes that are no stages."
    return marks, [told] if others else []


GDF = RecordingFormat(
    id="gdf",
    title="GDF 1.x and 2.x",
    suffixes=(".gdf",),
    recognises=lambda head: _VERSION.match(head) is not None,
    open=_open,
    reads="All signals at their own rates, counts of 8 to 64 bits and floating-point numbers; the"
    " time of day, unless pieces were joined (0x7ffe).",
    refuses="Truncated files; other types of numbers. Of the events only those with the codes of"
    " sleep stages (0x0410 to 0x0415) are read.",
    description="https://arxiv.org/abs/cs/0608052",
)
