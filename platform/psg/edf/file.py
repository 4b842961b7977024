"""An EDF or EDF+ file, checked when opened and read channel by channel."""

from __future__ import annotations

import mmap
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.edf.annotations import (
    Annotation,
    Gap,
    RecordTimes,
    contiguous,
    place_records,
    record_annotations,
    record_onset_s,
)
from psg.edf.channels import Channel, read_channels
from psg.edf.header import (
    EdfHeader,
    EdfLimits,
    check_duration,
    check_layout,
    count_records,
    read_header,
)
from psg.errors import EdfError

__all__ = ["Channel", "EdfFile", "Gap"]

_HEAD_SAMPLES = 64
# Pages of the file that were read stay in memory until they are given back.
_KEPT_BYTES = 64 * 2**20
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
        Start in seconds after midnight. The date is not read.
    gaps : tuple of Gap
        Interruptions of an EDF+D file.
    warnings : tuple of str
        Remarks for people, a sentence each.
    """

    def __init__(
        self, pages: mmap.mmap, header: EdfHeader, limits: EdfLimits, warnings: list[str]
    ) -> None:
        self._pages = pages
        self._records = _records(pages, header)
        self._touched_bytes = 0
        self._header = header
        self._limits = limits
        self.channels = read_channels(header, limits)
        self._timeline = self._place()
        self.start_clock_s = header.start_clock_s
        self.duration_s = self._timeline.duration_s
        self._check_samples()
        self.gaps: tuple[Gap, ...] = self._timeline.gaps
        self.warnings = (
            *header.warnings,
            *warnings,
            *self._timeline.warnings,
            *_channel_warnings(self.channels),
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
        with Path(path).open("rb") as file:
            size = header.size_bytes + record_count * header.record_bytes
            pages = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        return cls(pages, header, limits, warnings)

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
            _counts(piece).reshape(-1) for piece in self._column(_columns_of(channel), record, last)
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
            signal[left - first : right - first] = _counts(piece)[0, left - place : right - place]
        return signal

    def _column(
        self, columns: tuple[int, int], record: int = 0, last: int | None = None
    ) -> Iterator[NDArray[Any]]:
        """Yield a signal of records, some at a time, and give the pages back in between.

        Pages of a mapped file count as memory of the process, and a file can be of many GiB.
        """
        last = len(self._records) if last is None else last
        record_bytes = self._header.record_bytes
        at_once = max(1, _KEPT_BYTES // record_bytes)
        for begin in range(record, last, at_once):
            end = min(begin + at_once, last)
            yield self._records[begin:end, columns[0] : columns[1]]
            self._touched_bytes += (end - begin) * record_bytes
            if self._touched_bytes >= _KEPT_BYTES:
                self._pages.madvise(mmap.MADV_DONTNEED)
                self._touched_bytes = 0

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

    def _check_samples(self) -> None:
        """Refuse what is small in the file and large in memory: length times rate, with gaps."""
        usable = [channel for channel in self.channels if channel.usable]
        rate_hz = sum(channel.sfreq_hz for channel in usable)
        count = rate_hz * self.duration_s
        where = f"{len(usable)} channels, {rate_hz:,.0f} samples a second"
        if rate_hz > self._limits.max_samples_per_s:
            raise EdfError(
                "The channels together have too many samples a second",
                where=where,
                advice=f"At most {self._limits.max_samples_per_s:,.0f} are read; export fewer"
                " channels, or at a lower rate.",
            )
        if count > self._limits.max_samples:
            raise EdfError(
                f"The recording has {count / 1e9:.1f} billion samples",
                where=f"{where}, {self.duration_s / 3600:.3g} hours with interruptions",
                advice=f"At most {self._limits.max_samples / 1e9:.1f} billion are read; export"
                " fewer channels, or at a lower rate.",
            )

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
        for start, stop in self._annotation_columns():
            return record_onset_s(_head_of(self._records[0, start:stop])) or 0.0
        return 0.0

    def _annotation_columns(self) -> list[tuple[int, int]]:
        columns, position = [], 0
        for signal in self._header.signals:
            if signal.is_annotation:
                columns.append((position, position + signal.samples_per_record))
            position += signal.samples_per_record
        return columns

    def _place(self) -> RecordTimes:
        columns = self._annotation_columns()
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


def _records(pages: mmap.mmap, header: EdfHeader) -> NDArray[Any]:
    """View the records: int16 (records, samples) of EDF, bytes (records, samples, 3) of BDF."""
    if header.sample_bytes == 2:
        samples: NDArray[Any] = np.frombuffer(pages, dtype="<i2", offset=header.size_bytes)
        return samples.reshape(-1, header.samples_per_record)
    data = np.frombuffer(pages, dtype=np.uint8, offset=header.size_bytes)
    return data.reshape(-1, header.samples_per_record, header.sample_bytes)


def _columns_of(channel: Channel) -> tuple[int, int]:
    return channel.first_sample, channel.first_sample + channel.samples_per_record


def _counts(records: NDArray[Any]) -> Counts:
    """Copy counts out of the file; three bytes, the lowest first, become int32."""
    if records.dtype != np.uint8:
        return records.astype(np.int16)
    wide = np.zeros((*records.shape[:-1], 4), dtype=np.uint8)
    wide[..., 1:] = records
    # With the lowest byte empty, the shift brings the sign down.
    counts: Counts = wide.view(np.dtype("<i4"))[..., 0] >> 8
    return counts


def _head_of(record: NDArray[Any]) -> bytes:
    """Return the bytes in which a record says when it starts."""
    return record[:_HEAD_SAMPLES].tobytes()


def _channel_warnings(channels: tuple[Channel, ...]) -> list[str]:
    warnings = []
    for channel in channels:
        name = channel.label or f"number {channel.index + 1}"
        if not channel.usable:
            warnings.append(f"Channel {name} was skipped: {channel.note}.")
        elif channel.note:
            warnings.append(f"Channel {name}: {channel.note}.")
    counts = Counter(channel.label for channel in channels if channel.label)
    for label, count in counts.items():
        if count > 1:
            warnings.append(f"{count} channels are called {label}; the first is used.")
    return warnings
