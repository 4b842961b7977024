"""A recording whose samples are numbers in a file, channel by channel or sample by sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.clockkind import ClockKind
from psg.edf.annotations import Annotation, Gap, check_interruptions, gap_warnings
from psg.edf.channels import Channel, channel_warnings, check_samples
from psg.edf.header import EdfLimits
from psg.errors import RecordingFileError
from psg.mapped import MappedRows
from psg.readers.pauses import Pause, ReadSamples, gaps_of, joins_note, on_the_clock, with_gaps
from psg.units import kept_unit, uv_per_unit

LIMITS = EdfLimits()
MAX_LABEL_CHARACTERS = 60
_SAMPLES_AT_ONCE = 2**20


def number_channel(
    index: int,
    label: str,
    *,
    sfreq_hz: float,
    unit: str,
    gain: float = 1.0,
    offset: float = 0.0,
    bits: int = 0,
    note: str = "",
) -> Channel:
    """Describe a channel by what a number of the file means: ``number * gain + offset`` in `unit`.

    `bits` is the width of a count, 0 for floating-point numbers. A rate, gain or offset that
    cannot be makes the channel unusable.
    """
    factor = uv_per_unit(unit)
    unit_kept, factor = (kept_unit(unit), 1.0) if factor is None else ("uV", factor)
    top = 2 ** (bits - 1) - 1 if bits else 1
    bottom = -top - 1 if bits else -1
    problem = note or _problem(sfreq_hz, gain * factor, offset * factor)
    gain, offset = (0.0, 0.0) if problem else (gain * factor, offset * factor)
    return Channel(
        index=index,
        label=label[:MAX_LABEL_CHARACTERS],
        sfreq_hz=sfreq_hz,
        unit=unit_kept,
        physical_min=bottom * gain + offset,
        physical_max=top * gain + offset,
        digital_min=bottom,
        digital_max=top,
        usable=not problem,
        note=problem,
        first_sample=0,
        samples_per_record=1,
        bits=bits,
        uv_per_unit=factor,
    )


def _problem(sfreq_hz: float, gain: float, offset: float) -> str:
    if not np.isfinite([gain, offset]).all() or not 1e-18 < abs(gain) < 1e18:
        return "what its numbers mean is not given"
    if not LIMITS.min_sfreq_hz <= sfreq_hz <= LIMITS.max_sfreq_hz:
        return f"its sampling rate is {sfreq_hz:g} Hz"
    return ""


def checked_rate_hz(sfreq_hz: float) -> float:
    """Refuse a rate of the whole file that no recorder has."""
    if not LIMITS.min_sfreq_hz <= sfreq_hz <= LIMITS.max_sfreq_hz:
        raise RecordingFileError(
            f"The sampling rate in the file is {sfreq_hz:g} Hz",
            where="header",
            advice="The header is damaged; export the recording again.",
        )
    return sfreq_hz


def checked_channel_count(count: int) -> int:
    if not 1 <= count <= LIMITS.max_channels:
        raise RecordingFileError(
            f"The file declares {count:,} channels",
            where="header",
            advice=f"A recording here may have 1 to {LIMITS.max_channels}.",
        )
    return count


@dataclass
class BlockFile:
    """A `SignalFile` whose samples are read by a function of its format.

    The length, the samples and the marks are given without the pauses between the pieces of the
    file, in the order of time, and are put on the clock here. Where pieces were joined, in seconds,
    and the file does not say how much is missing, no time of day holds for all of them.
    """

    channels: tuple[Channel, ...]
    duration_s: float
    read_samples: ReadSamples
    marks: Sequence[Annotation] = ()
    start_clock_s: float | None = None
    start_day: int | None = None
    clock_kind: ClockKind = ClockKind.LOCAL
    remarks: Sequence[str] = ()
    pauses: Sequence[Pause] = ()
    joins_s: Sequence[float] = ()
    gaps: tuple[Gap, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        if self.pauses:
            self._put_on_the_clock()
        if self.joins_s:
            self.start_clock_s = None
            self.clock_kind = ClockKind.JOINED
            self.remarks = (*self.remarks, joins_note(self.joins_s))
        if self.duration_s > LIMITS.max_duration_s:
            raise RecordingFileError(
                f"The recording is {self.duration_s / 3600:.1f} hours long",
                where="header",
                advice=f"At most {LIMITS.max_duration_s / 3600:g} hours are taken; split the file.",
            )
        if len(self.marks) > LIMITS.max_annotations:
            raise RecordingFileError(
                f"The file holds {len(self.marks):,} annotations",
                advice=f"At most {LIMITS.max_annotations:,} are read; export it without them.",
            )
        check_samples(self.channels, self.duration_s, LIMITS)
        self.warnings = (
            *self.remarks,
            *gap_warnings(self.gaps),
            *channel_warnings(self.channels),
        )

    def _put_on_the_clock(self) -> None:
        recorded_s = self.duration_s
        self.gaps = gaps_of(self.pauses)
        self.duration_s += sum(pause.length_s for pause in self.pauses)
        check_interruptions(self.duration_s, recorded_s, LIMITS)
        self.read_samples = with_gaps(self.read_samples, self.gaps)
        self.marks = [
            replace(mark, onset_s=on_the_clock(mark.onset_s, self.pauses)) for mark in self.marks
        ]

    def sample_count(self, channel_index: int) -> int:
        return round(self.duration_s * self.channels[channel_index].sfreq_hz)

    def fits_in_memory(self, channel_index: int) -> bool:
        return self.sample_count(channel_index) <= LIMITS.max_channel_samples

    def read_digital(
        self, channel_index: int, first: int = 0, stop: int | None = None
    ) -> NDArray[Any]:
        stop = self.sample_count(channel_index) if stop is None else stop
        return self.read_samples(self.channels[channel_index], first, stop)

    def read_uv(self, channel_index: int) -> NDArray[np.float64]:
        channel = self.channels[channel_index]
        if not channel.usable or not self.fits_in_memory(channel_index):
            raise RecordingFileError(
                f"The channel {channel.label} cannot be used: {channel.note or 'it is too long'}",
                advice="Choose another channel.",
            )
        values = np.empty(self.sample_count(channel_index))
        for first in range(0, len(values), _SAMPLES_AT_ONCE):
            stop = min(first + _SAMPLES_AT_ONCE, len(values))
            values[first:stop] = channel.to_physical(self.read_digital(channel_index, first, stop))
        for gap in self.gaps:
            first, stop = (round(time_s * channel.sfreq_hz) for time_s in (gap.start_s, gap.end_s))
            values[first:stop] = np.linspace(values[first - 1], values[stop], stop - first)
        return values

    def annotations(self) -> list[Annotation]:
        return sorted(self.marks, key=lambda mark: mark.onset_s)


# Numbers of one kind, as most formats have them.


def bits_of(dtype: np.dtype[Any]) -> int:
    """Return the width of a count as it is read, 0 for floating-point numbers."""
    if dtype.kind == "f":
        return 0
    # Unsigned counts need a bit more, and the next width has it.
    wide = dtype.itemsize * (2 if dtype.kind == "u" else 1)
    return max(16, 8 * wide)


@dataclass(frozen=True)
class Numbers:
    """Where the samples of all channels lie in a file.

    Attributes
    ----------
    by_sample : bool
        Whether the channels of a sample lie together (multiplexed), not the samples of a channel.
    """

    path: Path
    dtype: np.dtype[Any]
    offset: int
    channel_count: int
    sample_count: int
    by_sample: bool = True

    def bits(self) -> int:
        return bits_of(self.dtype)


def reader_of(numbers: Numbers) -> ReadSamples:
    """Return the function that reads channels of `numbers`; the file must be long enough."""
    width = numbers.dtype.itemsize
    kept = {0: np.dtype(numbers.dtype.newbyteorder("=")), 16: np.dtype(np.int16)}.get(
        numbers.bits(), np.dtype(np.int64 if numbers.bits() > 32 else np.int32)
    )
    if numbers.by_sample:
        rows = MappedRows(
            numbers.path,
            offset=numbers.offset,
            row_bytes=width * numbers.channel_count,
            count=numbers.sample_count,
        )
    else:
        rows = MappedRows(
            numbers.path,
            offset=numbers.offset,
            row_bytes=width,
            count=numbers.sample_count * numbers.channel_count,
        )

    def read(channel: Channel, first: int, stop: int) -> NDArray[Any]:
        start = 0 if numbers.by_sample else channel.index * numbers.sample_count
        column = channel.index * width if numbers.by_sample else 0
        pieces = [
            piece[:, column : column + width].view(numbers.dtype)[:, 0].astype(kept)
            for piece in rows.read(start + first, start + stop)
        ]
        return np.concatenate(pieces) if pieces else np.empty(0, dtype=kept)

    return read


def whole_samples(
    size_bytes: int, sample_bytes: int, declared: int | None, *, of: str = "samples"
) -> tuple[int, list[str]]:
    """Count the samples (or records) that a file holds, against what its header declares.

    Raises
    ------
    RecordingFileError
        When the file holds fewer than declared, or none.
    """
    held, rest_bytes = divmod(max(size_bytes, 0), sample_bytes)
    if held == 0 or (declared is not None and declared > held):
        raise RecordingFileError(
            "The file is truncated, or the length in its header is wrong",
            where=f"header declares {'no number of' if declared is None else declared} {of},"
            f" the file holds {held} whole ones",
            advice="Copy it again.",
        )
    remarks = []
    if rest_bytes:
        remarks.append(f"The last of the {of} is incomplete and was left out.")
    if declared is not None and declared < held:
        remarks.append(
            f"The header declares {declared} {of}, the file holds {held}; all were read."
        )
    return held, remarks
