"""The header of an EDF file: 256 bytes about the recording, then 256 bytes per signal."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import BinaryIO

from psg.days import day_number
from psg.edf.texts import find_texts, is_annotation_label
from psg.errors import EdfError

FIXED_BYTES = 256
BDF_MARK = b"\xffBIOSEMI"
_SIGNAL_FIELDS = (
    ("label", 16),
    ("transducer", 80),
    ("unit", 8),
    ("physical_min", 8),
    ("physical_max", 8),
    ("digital_min", 8),
    ("digital_max", 8),
    ("prefilter", 80),
    ("samples_per_record", 8),
    ("reserved", 32),
)
_CLOCK = re.compile(r"\s*(\d{1,2})\D(\d{1,2})\D(\d{1,2})")
_DAY_S = 86400


@dataclass(frozen=True)
class EdfLimits:
    """Limits beyond which a file is refused, or a channel is not used.

    Each is generous alone, so their products have limits too: a small file with an interruption,
    or with a high rate in its header, must not ask for more memory than a night needs.
    """

    max_channels: int = 512
    max_duration_s: float = 72 * 3600.0
    max_sfreq_hz: float = 50_000.0
    min_sfreq_hz: float = 1 / 30
    """A sample in an epoch."""
    max_annotations: int = 500_000
    max_records: int = 5_000_000
    max_record_annotation_bytes: int = 32 * 2**20
    max_interruptions: int = 100_000
    short_interruptions_s: float = 3600.0
    max_interruption_ratio: float = 3.0
    """Interruptions may take this many times the recorded time, or `short_interruptions_s`."""
    max_samples_per_s: float = 300_000.0
    """All usable channels together: 300 channels at 1,000 Hz. Pages read 16 epochs at once."""
    max_samples: int = 2**31
    """All usable channels together, interruptions included: 4 GiB."""
    max_channel_samples: int = 70_000_000
    """Samples of a channel that are read at once to be filtered: 72 h at 270 Hz."""


@dataclass(frozen=True)
class SignalHeader:
    """The header of a signal; numbers are kept as text, since they may be damaged."""

    label: str
    unit: str
    physical_min: str
    physical_max: str
    digital_min: str
    digital_max: str
    samples_per_record: int
    is_annotation: bool
    """Whether it holds texts, by its label or by its bytes."""


@dataclass(frozen=True)
class EdfHeader:
    """The header without the fields of patient and recording: they are never read.

    The date is compared with those of other files (`psg.days`), and never kept.
    """

    start_clock_s: float | None
    start_day: int | None
    is_plus: bool
    is_discontinuous: bool
    record_count: int
    record_duration_s: float
    signals: tuple[SignalHeader, ...]
    warnings: tuple[str, ...]
    sample_bytes: int = 2
    """2 in EDF, 3 in BDF."""
    declared_bytes: int | None = None
    """The length of the header as the header itself has it; None where it has no number."""

    @property
    def size_bytes(self) -> int:
        return FIXED_BYTES * (1 + len(self.signals))

    @property
    def samples_per_record(self) -> int:
        return sum(signal.samples_per_record for signal in self.signals)

    @property
    def record_bytes(self) -> int:
        return self.samples_per_record * self.sample_bytes


def read_header(file: BinaryIO, limits: EdfLimits) -> EdfHeader:
    """Read and check the header of a file opened at its start.

    Raises
    ------
    EdfError
        When the file is empty, is neither EDF nor BDF, or its header cannot describe a recording.
    """
    fixed = file.read(FIXED_BYTES)
    check_is_edf(fixed)
    signal_count = _whole_number(fixed[252:256], "number of signals")
    if not 1 <= signal_count <= limits.max_channels:
        raise EdfError(
            f"The header declares {signal_count} signals",
            where="file header",
            advice=f"A recording here may have 1 to {limits.max_channels}.",
        )
    clock_s, warnings = _start_clock_s(fixed[176:184])
    reserved = decode_text(fixed[192:236])
    sample_bytes = 3 if fixed.startswith(BDF_MARK) else 2
    signals, remarks = _with_texts_found(file, _read_signals(file, signal_count), sample_bytes)
    return EdfHeader(
        start_clock_s=clock_s,
        start_day=_start_day(fixed[168:176]),
        is_plus=reserved.startswith(("EDF+", "BDF+")),
        is_discontinuous=reserved.startswith(("EDF+D", "BDF+D")),
        record_count=_whole_number(fixed[236:244], "number of data records"),
        record_duration_s=_record_duration_s(fixed[244:252]),
        signals=signals,
        warnings=(*warnings, *remarks),
        sample_bytes=sample_bytes,
        declared_bytes=_declared_bytes(fixed[184:192]),
    )


def _declared_bytes(field: bytes) -> int | None:
    text = decode_text(field)
    return int(text) if re.fullmatch(r"\d{1,8}", text) else None


def _with_texts_found(
    file: BinaryIO, signals: tuple[SignalHeader, ...], sample_bytes: int
) -> tuple[tuple[SignalHeader, ...], list[str]]:
    """Mark the signals that hold texts under another label, and say so."""
    texts = find_texts(
        file,
        [signal.label for signal in signals],
        [signal.samples_per_record * sample_bytes for signal in signals],
        begin=FIXED_BYTES * (1 + len(signals)),
        asked=[index for index, signal in enumerate(signals) if not signal.is_annotation],
    )
    marked = tuple(
        replace(signal, is_annotation=signal.is_annotation or index in texts)
        for index, signal in enumerate(signals)
    )
    return marked, [
        f"Signal {index + 1} holds texts instead of samples; it was read as annotations."
        for index in sorted(texts)
    ]


def decode_text(field: bytes) -> str:
    """Decode a header text: ASCII by the standard, UTF-8 or Latin-1 in practice."""
    try:
        text = field.decode("utf-8")
    except UnicodeDecodeError:
        text = field.decode("latin-1")
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable.strip()


def check_is_edf(fixed: bytes) -> None:
    """Refuse a file by its first 256 bytes when it is neither EDF nor BDF."""
    if not fixed:
        raise EdfError("The file is empty", where="0 bytes", advice="Copy it again.")
    if fixed[:8].strip(b" \0") != b"0" and not fixed.startswith(BDF_MARK):
        raise EdfError(
            "This is not an EDF file",
            where="first 8 bytes",
            advice="Export the recording as EDF or EDF+.",
        )
    if len(fixed) < FIXED_BYTES:
        raise EdfError(
            "The file ends inside its header",
            where=f"{len(fixed)} of {FIXED_BYTES} bytes",
            advice="Copy it again.",
        )


def _whole_number(field: bytes, name: str) -> int:
    text = decode_text(field)
    if not re.fullmatch(r"[+-]?\d{1,8}", text):
        raise EdfError(
            f"The {name} in the header is not a whole number",
            where=f"“{text}”",
            advice="The header is damaged; export the recording again.",
        )
    return int(text)


def _record_duration_s(field: bytes) -> float:
    duration_s = parse_number(decode_text(field))
    if duration_s is None or duration_s < 0:
        raise EdfError(
            "The duration of a data record in the header is not a number of seconds",
            where=f"“{decode_text(field)}”",
            advice="The header is damaged; export the recording again.",
        )
    return duration_s


def parse_number(text: str) -> float | None:
    """Read a finite number; a decimal comma is understood, anything else gives None."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _start_clock_s(field: bytes) -> tuple[float | None, list[str]]:
    text = decode_text(field)
    match = _CLOCK.match(text)
    if match is None:
        return None, ["The start time in the header is unreadable; no clock time is shown."]
    hours, minutes, seconds = (int(part) for part in match.groups())
    warnings = []
    if hours > 23 or minutes > 59 or seconds > 59:
        warnings.append(f"The start time {text} is not a time of day; it was carried over.")
    return float((hours * 3600 + minutes * 60 + seconds) % _DAY_S), warnings


def _start_day(field: bytes) -> int | None:
    match = re.fullmatch(rb"(\d\d)[.\-/](\d\d)[.\-/](\d\d)", field.strip())
    if match is None:
        return None
    day, month, year = map(int, match.groups())
    return day_number(year, month, day)


def _read_signals(file: BinaryIO, count: int) -> tuple[SignalHeader, ...]:
    data = file.read(FIXED_BYTES * count)
    if len(data) < FIXED_BYTES * count:
        raise EdfError(
            "The file ends inside its header",
            where=f"headers of {count} signals declared",
            advice="Copy it again.",
        )
    columns: dict[str, list[bytes]] = {}
    position = 0
    for name, width in _SIGNAL_FIELDS:
        columns[name] = [
            data[position + width * i : position + width * (i + 1)] for i in range(count)
        ]
        position += width * count
    return tuple(_signal(columns, index) for index in range(count))


def _signal(columns: dict[str, list[bytes]], index: int) -> SignalHeader:
    samples = _whole_number(
        columns["samples_per_record"][index], f"samples per record of signal {index + 1}"
    )
    if samples < 0:
        raise EdfError(
            "A signal declares a negative number of samples",
            where=f"signal {index + 1}",
            advice="The header is damaged; export the recording again.",
        )
    texts = {name: decode_text(columns[name][index]) for name, _ in _SIGNAL_FIELDS}
    return SignalHeader(
        label=texts["label"],
        unit=texts["unit"],
        physical_min=texts["physical_min"],
        physical_max=texts["physical_max"],
        digital_min=texts["digital_min"],
        digital_max=texts["digital_max"],
        samples_per_record=samples,
        is_annotation=is_annotation_label(texts["label"]),
    )
