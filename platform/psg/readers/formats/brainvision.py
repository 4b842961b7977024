"""BrainVision: a header (``.vhdr``), markers (``.vmrk``) and the samples (``.eeg``).

The header names the two other files. These names are only compared with the files that came with
it, never opened: they could name any file of the server.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

import numpy as np

from psg.days import day_number
from psg.edf.annotations import Annotation
from psg.edf.channels import Channel
from psg.edf.header import parse_number
from psg.errors import RecordingFileError
from psg.readers.blockfile import (
    BlockFile,
    Numbers,
    checked_channel_count,
    checked_rate_hz,
    number_channel,
    reader_of,
    whole_samples,
)
from psg.readers.format import NightFiles, RecordingFormat
from psg.readers.pauses import Pause, whole_pause

_HEADER = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*Brain\s?Vision(?: V-Amp)? Data(?: Exchange)? Header File"
)
_DTYPES = {
    "INT_16": "<i2",
    "UINT_16": "<u2",
    "INT_32": "<i4",
    "UINT_32": "<u4",
    "IEEE_FLOAT_32": "<f4",
    "IEEE_FLOAT_64": "<f8",
}
_MAX_TEXT_BYTES = 32 * 2**20
_DATE_DIGITS = 20
_HALF_DAY_S = 43_200
# The clock of a computer runs a little apart from the amplifier.
_LEAST_PAUSE_S = 1.0
_DATA_SUFFIXES = (".eeg", ".dat")

Sections = dict[str, dict[str, str]]


def _open(files: NightFiles) -> BlockFile:
    header = _sections(files.main)
    common = header.get("common infos", {})
    binary = header.get("binary infos", {})
    _check_kind(common, binary)
    count = checked_channel_count(_whole(common, "numberofchannels"))
    sfreq_hz = checked_rate_hz(1e6 / (_number(common, "samplinginterval") or float("nan")))
    dtype = np.dtype(_DTYPES[binary["binaryformat"].upper()])
    if binary.get("usebigendianorder", "").upper() == "YES":
        dtype = dtype.newbyteorder(">")
    samples = _samples_file(files)
    declared = _whole(common, "datapoints") if common.get("datapoints") else None
    sample_count, remarks = whole_samples(
        samples.stat().st_size, dtype.itemsize * count, declared or None
    )
    numbers = Numbers(
        path=samples,
        dtype=dtype,
        offset=0,
        channel_count=count,
        sample_count=sample_count,
        by_sample=common["dataorientation"].upper() == "MULTIPLEXED",
    )
    markers = _markers(files, sfreq_hz, sample_count)
    return BlockFile(
        channels=_channels(header.get("channel infos", {}), count, sfreq_hz, numbers.bits()),
        duration_s=sample_count / sfreq_hz,
        read_samples=reader_of(numbers),
        marks=markers.marks,
        start_clock_s=markers.clock_s,
        start_day=markers.day,
        remarks=(*remarks, *markers.remarks),
        pauses=markers.pauses,
        joins_s=markers.joins_s,
    )


def _sections(path: Path) -> Sections:
    """Read the sections of a header; free text under ``[Comment]`` is passed over."""
    sections: Sections = {}
    kept: dict[str, str] = {}
    for line in _text(path).splitlines():
        if match := re.fullmatch(r"\s*\[(.+)\]\s*", line):
            name = match.group(1).strip().lower()
            kept = {} if name == "comment" else sections.setdefault(name, {})
        elif "=" in line and not line.startswith(";"):
            key, _, value = line.partition("=")
            kept[key.strip().lower()] = value.strip()
    return sections


def _text(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(_MAX_TEXT_BYTES + 1)
    if len(data) > _MAX_TEXT_BYTES:
        raise RecordingFileError(
            "The header or marker file is too large",
            where=f"over {_MAX_TEXT_BYTES // 2**20} MiB",
            advice="Check that it is the right file.",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _check_kind(common: dict[str, str], binary: dict[str, str]) -> None:
    """Refuse what is not a continuous recording in binary numbers."""
    kinds = {
        "DataFormat": (common.get("dataformat", ""), ("BINARY",)),
        "DataOrientation": (common.get("dataorientation", ""), ("MULTIPLEXED", "VECTORIZED")),
        "DataType": (common.get("datatype") or "TIMEDOMAIN", ("TIMEDOMAIN",)),
        "SegmentationType": (
            common.get("segmentationtype") or "NOTSEGMENTED",
            ("NOTSEGMENTED",),
        ),
        "Averaged": (common.get("averaged") or "NO", ("NO",)),
        "BinaryFormat": (binary.get("binaryformat", ""), tuple(_DTYPES)),
    }
    for key, (value, known) in kinds.items():
        if value.upper() not in known:
            raise RecordingFileError(
                f"{key} of the BrainVision header is not supported",
                where=".vhdr",
                advice=f"Supported: {', '.join(known)}. Export the recording that way.",
            )


def _whole(section: dict[str, str], key: str) -> int:
    value = _number(section, key)
    if value != int(value):
        raise _not_a_number(key)
    return int(value)


def _number(section: dict[str, str], key: str) -> float:
    value = parse_number(section.get(key, ""))
    if value is None or value < 0:
        raise _not_a_number(key)
    return value


def _not_a_number(key: str) -> RecordingFileError:
    return RecordingFileError(
        "A number of the BrainVision header cannot be read",
        where=key,
        advice="The header is damaged; export the recording again.",
    )


def _samples_file(files: NightFiles) -> Path:
    for suffix in _DATA_SUFFIXES:
        if suffix in files.parts:
            return files.parts[suffix]
    raise RecordingFileError(
        "The samples of this BrainVision recording are missing",
        where="a .vhdr without its .eeg",
        advice="Add the three files (.vhdr, .vmrk, .eeg) together, or as a zip.",
    )


def _channels(infos: dict[str, str], count: int, sfreq_hz: float, bits: int) -> tuple[Channel, ...]:
    return tuple(
        _channel(index, infos.get(f"ch{index + 1}", ""), sfreq_hz, bits) for index in range(count)
    )


def _channel(index: int, info: str, sfreq_hz: float, bits: int) -> Channel:
    name, reference, resolution, unit = (
        *(part.strip() for part in info.split(",")),
        "",
        "",
        "",
        "",
    )[:4]
    label = name.replace(r"\1", ",") or f"Ch{index + 1}"
    if reference and "-" not in label:
        label = f"{label}-{reference}"
    gain = parse_number(resolution) if resolution else 1.0
    return number_channel(
        index,
        label,
        sfreq_hz=sfreq_hz,
        # Empty means µV: the format says so.
        unit=unit or "uV",
        gain=float("nan") if gain is None else gain,
        bits=bits,
    )


# Markers: events, and where the recording was begun or continued, with the time of day.


@dataclass
class _Markers:
    marks: list[Annotation] = field(default_factory=list)
    clock_s: float | None = None
    day: int | None = None
    remarks: list[str] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    joins_s: list[float] = field(default_factory=list)


def _markers(files: NightFiles, sfreq_hz: float, sample_count: int) -> _Markers:
    found = _Markers()
    if ".vmrk" not in files.parts:
        found.remarks.append("The marker file (.vmrk) is missing: no events and no clock time.")
        return found
    lines = _sections(files.parts[".vmrk"]).get("marker infos", {})
    unread = 0
    segments: dict[int, str] = {}
    for key, line in lines.items():
        kind, text, place, size, *rest = (*line.split(","), "", "", "", "")
        at, samples = parse_number(place), parse_number(size)
        if not key.startswith("mk") or at is None or not at >= 1:
            unread += 1
            continue
        if kind.strip() == "New Segment":
            segments.setdefault(round(at) - 1, rest[1] if len(rest) > 1 else "")
            continue
        words = (text.strip() or kind.strip()).replace(r"\1", ",")
        # A point has the size 1 or 0.
        duration_s = samples / sfreq_hz if samples and samples > 1 else 0.0
        found.marks.append(Annotation((at - 1) / sfreq_hz, duration_s, words))
    if unread:
        found.remarks.append(f"{unread} markers could not be read; they were left out.")
    _place_segments(found, segments, sfreq_hz, sample_count)
    return found


def _place_segments(
    found: _Markers, segments: dict[int, str], sfreq_hz: float, sample_count: int
) -> None:
    """Find the pauses between segments by their times of day.

    Where one does not say its time, or the clock went back, the pause has no known length.
    """
    first = segments.get(0, "").strip()
    found.clock_s = _clock_s(first)
    if found.clock_s is not None:
        found.day = day_number(int(first[:4]), int(first[4:6]), int(first[6:8]))
    later = {at: _clock_s(segments[at].strip()) for at in sorted(segments) if at}
    for at, clock_s in ((at, clock_s) for at, clock_s in later.items() if at < sample_count):
        missing_s = _missing_s(found, at / sfreq_hz, clock_s)
        if missing_s is None:
            found.pauses, found.joins_s = [], [at / sfreq_hz]
            return
        if missing_s >= _LEAST_PAUSE_S:
            found.pauses.append(whole_pause(at, missing_s, sfreq_hz))


def _missing_s(found: _Markers, at_s: float, clock_s: float | None) -> float | None:
    """Count what was not recorded before a segment, beyond the pauses before it."""
    if clock_s is None or found.clock_s is None:
        return None
    before_s = at_s + sum(pause.length_s for pause in found.pauses)
    missing_s = (clock_s - found.clock_s - before_s + _HALF_DAY_S) % (2 * _HALF_DAY_S) - _HALF_DAY_S
    return missing_s if missing_s > -_LEAST_PAUSE_S else None


def _clock_s(date: str) -> float | None:
    """Read the time of day of 20 digits: year, month, day, hour, minute, second, microsecond."""
    if len(date) != _DATE_DIGITS or not date.isdecimal() or not date.strip("0"):
        return None
    hours, minutes, seconds = int(date[8:10]), int(date[10:12]), int(date[12:14])
    clock_s = hours * 3600 + minutes * 60 + seconds + int(date[14:]) / 1e6
    return clock_s if clock_s < 86_400 else None


def _named_parts(head: bytes) -> tuple[str, ...]:
    found = re.findall(rb"(?mi)^(?:DataFile|MarkerFile)=([^\r\n]+)", head)
    names = [name.decode("utf-8", "replace").strip() for name in found]
    return tuple(PureWindowsPath(name).name for name in names)


BRAINVISION = RecordingFormat(
    id="brainvision",
    title="BrainVision (.vhdr, .vmrk, .eeg)",
    suffixes=(".vhdr",),
    part_suffixes=(*_DATA_SUFFIXES, ".vmrk"),
    named_parts=_named_parts,
    recognises=lambda head: _HEADER.match(head) is not None,
    open=_open,
    reads="16 and 32 bit counts and floating-point numbers in both orders; resolutions and units;"
    " markers; the time of day of the first segment. Interruptions (New Segment) keep their"
    " place in time.",
    refuses="A header without its samples; ASCII data; averages and segmented data.",
    description="https://www.brainproducts.com/support-resources/brainvision-core-data-format-1-0/",
)
