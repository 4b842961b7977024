"""The channels of a file: unit, range, rate, and whether they can be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.edf.header import EdfHeader, EdfLimits, SignalHeader, parse_number
from psg.errors import RecordingFileError
from psg.units import kept_unit, uv_per_unit


@dataclass(frozen=True)
class Channel:
    """An ordinary signal. Where it cannot be used, ``note`` gives the reason.

    ``unit`` is ``uV`` for every voltage (mV and V are converted), else as the file has it.
    ``first_sample`` is the channel's place inside a data record.
    """

    index: int
    label: str
    sfreq_hz: float
    unit: str
    physical_min: float
    physical_max: float
    digital_min: int
    digital_max: int
    usable: bool
    note: str
    first_sample: int
    samples_per_record: int
    bits: int = 16
    """Bits of a count; 0 where the file holds floating-point numbers, which have no ends."""
    uv_per_unit: float = 1.0
    """uV in the unit that the file states; 1 where that is no voltage."""

    @property
    def is_voltage(self) -> bool:
        return self.unit == "uV"

    @property
    def gain(self) -> float:
        """Units per count; negative where the header turns the signal over."""
        return (self.physical_max - self.physical_min) / (self.digital_max - self.digital_min)

    @property
    def offset(self) -> float:
        """Value of count 0, in units."""
        return self.physical_max - self.gain * self.digital_max

    def to_physical(self, digital: NDArray[Any]) -> NDArray[np.float64]:
        """Turn counts into the channel's unit, uV for a voltage."""
        values = digital.astype(np.float64)
        values *= self.gain
        values += self.offset
        return values


def read_channels(header: EdfHeader, limits: EdfLimits) -> tuple[Channel, ...]:
    """Describe every ordinary signal of a file, usable or not, in file order."""
    channels: list[Channel] = []
    first_sample = 0
    for signal in header.signals:
        if not signal.is_annotation:
            channels.append(_channel(len(channels), signal, header, limits, first_sample))
        first_sample += signal.samples_per_record
    return tuple(channels)


def _channel(
    index: int, signal: SignalHeader, header: EdfHeader, limits: EdfLimits, first_sample: int
) -> Channel:
    sfreq_hz = signal.samples_per_record / (header.record_duration_s or 1.0)
    physical_min, physical_max = map(parse_number, (signal.physical_min, signal.physical_max))
    digital_min, digital_max = map(parse_number, (signal.digital_min, signal.digital_max))
    unit, factor = _unit(signal.unit)
    problem = (
        _range_problem("physical", physical_min, physical_max)
        or _range_problem("digital", digital_min, digital_max)
        or _scale_problem(signal, factor)
        or _rate_problem(sfreq_hz, limits)
    )
    return Channel(
        index=index,
        label=signal.label,
        sfreq_hz=sfreq_hz,
        unit=unit,
        physical_min=(physical_min or 0.0) * factor,
        physical_max=(physical_max or 0.0) * factor,
        digital_min=int(digital_min or 0),
        digital_max=int(digital_max or 0),
        usable=not problem,
        note=problem or _remark(signal, factor, physical_min, physical_max),
        first_sample=first_sample,
        samples_per_record=signal.samples_per_record,
        bits=8 * header.sample_bytes,
        uv_per_unit=factor,
    )


def _unit(text: str) -> tuple[str, float]:
    factor = uv_per_unit(text)
    return (kept_unit(text), 1.0) if factor is None else ("uV", factor)


def _range_problem(kind: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"its {kind} range is not a pair of numbers"
    return f"its {kind} minimum and maximum are both {low:g}" if low == high else ""


# Values are stored and drawn as float32, whose range is 1e-38 to 3e38; squares must fit as well.
_LARGEST, _SMALLEST = 1e18, 1e-30
_LARGEST_COUNT = 2**31
# A signal that lies this many times its range from 0 is a line in a store of 65,536 counts.
_FARTHEST_FROM_0 = 10_000


def _scale_problem(signal: SignalHeader, factor: float) -> str:
    """Say why values between two finite bounds cannot be held; "" where they can."""
    low, high = (parse_number(text) or 0.0 for text in (signal.physical_min, signal.physical_max))
    first, last = (parse_number(text) or 0.0 for text in (signal.digital_min, signal.digital_max))
    if max(abs(first), abs(last)) > _LARGEST_COUNT:
        return f"its digital range is {first:g} to {last:g}, far outside of 16 bits"
    if int(first) == int(last):
        return f"its digital minimum and maximum are both {int(first)}"
    span = abs(high - low) * factor
    peak = max(abs(low), abs(high)) * factor
    if peak > _LARGEST:
        return f"its physical range is {low:g} to {high:g}, larger than any signal"
    if span / abs(int(last) - int(first)) < _SMALLEST:
        return f"its physical range is {low:g} to {high:g}, smaller than any signal"
    if peak > _FARTHEST_FROM_0 * span:
        return f"its physical range is {low:g} to {high:g}, too narrow so far from 0"
    return ""


def _rate_problem(sfreq_hz: float, limits: EdfLimits) -> str:
    if sfreq_hz == 0:
        return "it holds no samples"
    if sfreq_hz < limits.min_sfreq_hz:
        return f"its sampling rate of {sfreq_hz:.3g} Hz is less than one sample in an epoch"
    if sfreq_hz > limits.max_sfreq_hz:
        return f"its sampling rate of {sfreq_hz:g} Hz is over {limits.max_sfreq_hz:g} Hz"
    return ""


def _remark(signal: SignalHeader, factor: float, low: float | None, high: float | None) -> str:
    if low is not None and high is not None and low > high:
        return "physical minimum above maximum: the polarity is turned over, as the header says"
    if factor != 1.0:
        return f"given in {signal.unit}, converted to uV"
    return ""


# All channels of a file together.


def check_samples(channels: Sequence[Channel], duration_s: float, limits: EdfLimits) -> None:
    """Refuse what is small in the file and large in memory: length times rate, with gaps.

    Raises
    ------
    RecordingFileError
    """
    usable = [channel for channel in channels if channel.usable]
    rate_hz = sum(channel.sfreq_hz for channel in usable)
    count = rate_hz * duration_s
    where = f"{len(usable)} channels, {rate_hz:,.0f} samples a second"
    if rate_hz > limits.max_samples_per_s:
        raise RecordingFileError(
            "The channels together have too many samples a second",
            where=where,
            advice=f"At most {limits.max_samples_per_s:,.0f} are read; export fewer"
            " channels, or at a lower rate.",
        )
    if count > limits.max_samples:
        raise RecordingFileError(
            f"The recording has {count / 1e9:.1f} billion samples",
            where=f"{where}, {duration_s / 3600:.3g} hours with interruptions",
            advice=f"At most {limits.max_samples / 1e9:.1f} billion are read; export"
            " fewer channels, or at a lower rate.",
        )


def channel_warnings(channels: Sequence[Channel]) -> list[str]:
    """Word what people must know of channels: left out, converted, or of the same name."""
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
