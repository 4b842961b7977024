"""An EDF or EDF+ file, checked when opened and read channel by channel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.clockkind import ClockKind
from psg.edf.annotations import (
    Annotation,
    Gap,
    RecordTimes,
    contiguous,
    place_records,
    record_annotations,
    record_onset_s,
)
from psg.edf.channels import Channel, channel_warnings, check_samples, read_channels
from psg.edf.header import (
    EdfHeader,
    EdfLimits,
    read_header,
)
from psg.edf.layout import check_duration, check_layout, count_records
from psg.errors import EdfError
from psg.mapped import MappedRows

__all__ = ["Channel", "EdfFile", "Gap"]

_HEAD_BYTES = 128
_SAMPLES_AT_ONCE = 4 * 2**20

Counts = NDArray[np.integer[Any]]


class EdfFile:
    """An EDF or BDF recording on disk. Signals stay there until a channel is read.

    Attributes
    ----------
    channels : tuple of Channel
        Ordinary signals in file order, unusable ones included and marked.
    duration_s : float
        Length on the clock, interruptions included.
    start_clock_s : float or None
        Start in seconds after midnight.
    start_day : int or None
        Day of the start (`psg.days`); it is compared and never kept.
    clock_kind : ClockKind
        Always a local one.
    gaps : tuple of Gap
        Interruptions of an EDF+D file.
    warnings : tuple of str
        Remarks for people, a sentence each.
    """

    def __init__(
        self, records: MappedRows, header: EdfHeader, limits: EdfLimits, warnings: list[str]
    ) -> None:
        self._records = records
        self._header = header
        self._limits = limits
        self.channels = read_channels(header, limits)
        self._timeline = self._place()
        self.start_clock_s = header.start_clock_s
        self.start_day = header.start_day
        self.clock_kind = ClockKind.LOCAL
        self.duration_s = self._timeline.duration_s
        check_samples(self.channels, self.duration_s, limits)
        self.gaps: tuple[Gap, ...] = self._timeline.gaps
        self.warnings = (
            *header.warnings,
            *warnings,
            *self._timeline.warnings,
            *channel_warnings(self.channels),
        )

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, limits: EdfLimits | None = None) -> EdfFile:
        """Open and check a file.

        Raises
        ------
        EdfError
            When the file cannot be read as a recording; the message says what to do.
        """
        limits = limits or EdfLimits()
        with Path(path).open("rb") as file:
            header = read_header(file, limits)
            size_bytes = os.fstat(file.fileno()).st_size
        check_layout(header, limits)
        record_count, warnings = count_records(header, size_bytes)
        check_duration(header, record_count, limits)
        records = MappedRows(
            Path(path),
            offset=header.size_bytes,
            row_bytes=header.record_bytes,
            count=record_count,
        )
        return cls(records, header, limits, warnings)

    def sample_count(self, channel_index: int) -> int:
        """Count the samples of a channel over the whole clock."""
        return round(self.duration_s * self.channels[channel_index].sfreq_hz)

    def read_digital(self, channel_index: int, first: int = 0, stop: int | None = None) -> Counts:
        """Read the counts of a channel, samples ``first`` to ``stop``; 0 where a gap is.

        Counts of EDF are int16, counts of BDF int32.

        Raises
        ------
        EdfError
            When the whole channel is asked for and is more than is read at once.
        """
        channel = self.channels[channel_index]
        stop = self._count_at_once(channel_index) if stop is None else stop
        if self.gaps:
            return self._on_the_clock(channel, first, stop)
        size = channel.samples_per_record
        record, last = first // size, -(-stop // size)
        pieces = [
            _counts(piece, channel.bits).reshape(-1)
            for piece in self._column(_columns_of(channel), record, last)
        ]
        samples = pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
        counts: Counts = samples[first - record * size : stop - record * size]
        return counts

    def _on_the_clock(self, channel: Channel, first: int, stop: int) -> Counts:
        """Put records at their times, with 0 where nothing was recorded."""
        size = channel.samples_per_record
        places = np.rint(self._timeline.starts_s * channel.sfreq_hz).astype(np.int64)
        signal: Counts = np.zeros(stop - first, dtype=np.int32 if channel.bits > 16 else np.int16)
        for record in map(int, np.flatnonzero((places + size > first) & (places < stop))):
            place = int(places[record])
            left, right = max(place, first), min(place + size, stop)
            (piece,) = self._column(_columns_of(channel), record, record + 1)
            signal[left - first : right - first] = _counts(piece, channel.bits)[
                0, left - place : right - place
            ]
        return signal

    def _column(
        self, columns: tuple[int, int], record: int = 0, last: int | None = None
    ) -> Iterator[NDArray[np.uint8]]:
        """Yield the bytes of a signal of some records at a time, shape (records, bytes)."""
        width = self._header.sample_bytes
        for records in self._records.read(record, last):
            yield records[:, columns[0] * width : columns[1] * width]

    def read_uv(self, channel_index: int) -> NDArray[np.float64]:
        """Read a channel in uV (in its own unit where it is no voltage); shape (samples,).

        Gaps are bridged by a straight line, which leaves filters quiet.
        """
        channel = self.channels[channel_index]
        if not channel.usable:
            raise EdfError(
                f"The channel {channel.label} cannot be used: {channel.note}",
                advice="Choose another channel.",
            )
        values = np.empty(self._count_at_once(channel_index))
        for first in range(0, len(values), _SAMPLES_AT_ONCE):
            piece = slice(first, min(first + _SAMPLES_AT_ONCE, len(values)))
            digital = self.read_digital(channel_index, piece.start, piece.stop)
            values[piece] = channel.to_physical(digital)
        for gap in self.gaps:
            first, stop = (round(time_s * channel.sfreq_hz) for time_s in (gap.start_s, gap.end_s))
            values[first:stop] = np.linspace(values[first - 1], values[stop], stop - first)
        return values

    def annotations(self) -> list[Annotation]:
        """Read the EDF+ annotations, by onset in seconds from the first sample."""
        annotations: list[Annotation] = []
        shift_s = self._first_onset_s()
        for columns in self._annotation_columns():
            for record in (record for piece in self._column(columns) for record in piece):
                for annotation in record_annotations(record.tobytes()):
                    onset_s = round(annotation.onset_s - shift_s, 6)
                    annotations.append(Annotation(onset_s, annotation.duration_s, annotation.text))
                    self._check_annotation_count(annotations)
        return sorted(annotations, key=lambda annotation: annotation.onset_s)

    def fits_in_memory(self, channel_index: int) -> bool:
        """Whether a channel is short enough to be read at once."""
        return self.sample_count(channel_index) <= self._limits.max_channel_samples

    def _count_at_once(self, channel_index: int) -> int:
        """Count the samples of a channel; refuse more than are read at once."""
        count = self.sample_count(channel_index)
        if not self.fits_in_memory(channel_index):
            channel = self.channels[channel_index]
            raise EdfError(
                f"The channel {channel.label} has {count:,} samples",
                where=f"{self.duration_s / 3600:.3g} hours at {channel.sfreq_hz:g} Hz",
                advice=f"At most {self._limits.max_channel_samples:,} are read at once; export it"
                " at a lower rate.",
            )
        return count

    def _check_annotation_count(self, annotations: list[Annotation]) -> None:
        if len(annotations) > self._limits.max_annotations:
            raise EdfError(
                f"The file holds more than {self._limits.max_annotations:,} annotations",
                where=f"up to {annotations[-1].onset_s:g} s",
                advice="Export it without them, or with the sleep stages alone.",
            )

    def _first_onset_s(self) -> float:
        # A file of annotations alone has no first sample: its onsets count from its clock.
        if not self.channels:
            return 0.0
        for columns in self._time_keeping():
            return self._record_onset_s(columns) or 0.0
        return 0.0

    def _time_keeping(self) -> list[tuple[int, int]]:
        """Return the annotation signals, first those whose records say when they start."""
        return sorted(
            self._annotation_columns(),
            key=lambda columns: self._record_onset_s(columns) is None,
        )

    def _record_onset_s(self, columns: tuple[int, int]) -> float | None:
        (first,) = self._column(columns, 0, 1)
        return record_onset_s(_head_of(first[0]))

    def _annotation_columns(self) -> list[tuple[int, int]]:
        columns, position = [], 0
        for signal in self._header.signals:
            if signal.is_annotation:
                columns.append((position, position + signal.samples_per_record))
            position += signal.samples_per_record
        return columns

    def _place(self) -> RecordTimes:
        columns = self._time_keeping()
        if not columns or not self.channels or not self._header.is_plus:
            return contiguous(len(self._records), self._header.record_duration_s)
        records = (record for piece in self._column(columns[0]) for record in piece)
        onsets = (record_onset_s(_head_of(record)) for record in records)
        return place_records(
            np.fromiter(
                (np.nan if onset_s is None else onset_s for onset_s in onsets),
                dtype=np.float64,
                count=len(self._records),
            ),
            self._header.record_duration_s,
            is_discontinuous=self._header.is_discontinuous,
            limits=self._limits,
        )


def _columns_of(channel: Channel) -> tuple[int, int]:
    return channel.first_sample, channel.first_sample + channel.samples_per_record


def _counts(records: NDArray[np.uint8], bits: int) -> Counts:
    """Copy counts out of bytes (records, bytes); three bytes, the lowest first, become int32."""
    if bits == 16:
        return records.view(np.dtype("<i2")).astype(np.int16)
    wide = np.zeros((len(records), records.shape[1] // 3, 4), dtype=np.uint8)
    wide[..., 1:] = records.reshape(len(records), -1, 3)
    # With the lowest byte empty, the shift brings the sign down.
    counts: Counts = wide.view(np.dtype("<i4"))[..., 0] >> 8
    return counts


def _head_of(record: NDArray[np.uint8]) -> bytes:
    """Return the bytes in which a record says when it starts."""
    return record[:_HEAD_BYTES].tobytes()
