"""EDF+ annotations: time-stamped annotation lists (TALs), and the start of each data record.

The first TAL of a record, with an empty text, gives the start of the record. Onsets here are
seconds from the start of the header's clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.edf.header import decode_text
from psg.errors import EdfError

_TIMING = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15(\d+(?:\.\d*)?))?\x14")
_TIME_KEEPER = re.compile(rb"([+-]\d+(?:\.\d*)?)\x14\x14")


@dataclass(frozen=True)
class Annotation:
    """A text at a place in the recording; ``duration_s`` is 0 where the file gives none."""

    onset_s: float
    duration_s: float
    text: str


def record_onset_s(record: bytes) -> float | None:
    """Read when a record starts, None where its first TAL does not tell."""
    match = _TIME_KEEPER.match(record)
    return float(match.group(1)) if match else None


def record_tals(record: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Split a record into TALs, each its timing and its texts; damaged ones are passed over."""
    for tal in record.split(b"\x00"):
        match = _TIMING.match(tal)
        if match:
            yield match.group(0), tal[match.end() :].removesuffix(b"\x14").split(b"\x14")


def record_annotations(record: bytes) -> Iterator[Annotation]:
    """Read the annotations of a record.

    Texts that begin with ``<`` hold XML in some archives and are left out.
    """
    for timing, texts in record_tals(record):
        match = _TIMING.match(timing)
        assert match is not None
        onset_s, duration_s = float(match.group(1)), float(match.group(2) or 0)
        for text in map(decode_text, texts):
            if text and not text.startswith("<"):
                yield Annotation(onset_s, duration_s, text)


# The start of each data record: contiguous, or on the clock with gaps between.

# Onsets are written with few decimals: below this a record follows directly on the last.
_TOLERANCE_S = 0.02


@dataclass(frozen=True)
class Gap:
    """A stretch of the night that was not recorded, in seconds from its start."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class RecordTimes:
    """Start of every record in seconds from the first, and the gaps between records."""

    starts_s: NDArray[np.float64]
    duration_s: float
    gaps: tuple[Gap, ...] = ()
    warnings: tuple[str, ...] = ()


def contiguous(record_count: int, record_duration_s: float) -> RecordTimes:
    """Lay records end to end."""
    starts_s: NDArray[np.float64] = np.arange(record_count, dtype=np.float64) * record_duration_s
    return RecordTimes(starts_s, record_count * record_duration_s)


def place_records(
    onsets_s: NDArray[np.float64],
    record_duration_s: float,
    *,
    is_discontinuous: bool,
    max_duration_s: float,
) -> RecordTimes:
    """Place records by the onsets they carry, NaN where a record carries none.

    Raises
    ------
    EdfError
        When records overlap or run backwards, or the clock spans more than is allowed.
    """
    plain = contiguous(len(onsets_s), record_duration_s)
    relative_s = onsets_s - onsets_s[0]
    if np.isnan(relative_s).any():
        return _without_times(plain, is_discontinuous)
    if np.abs(relative_s - plain.starts_s).max() <= _TOLERANCE_S:
        return plain
    if not is_discontinuous:
        warning = "The record times contradict the continuous file type (EDF+C); they are ignored."
        return RecordTimes(plain.starts_s, plain.duration_s, warnings=(warning,))
    return _on_the_clock(relative_s, record_duration_s, max_duration_s)


def _without_times(plain: RecordTimes, is_discontinuous: bool) -> RecordTimes:
    if is_discontinuous:
        raise EdfError(
            "The recording has interruptions (EDF+D) but not every record says when it starts",
            where="annotation signal",
            advice="Export it as a continuous EDF+C.",
        )
    return plain


def _on_the_clock(
    starts_s: NDArray[np.float64], record_duration_s: float, max_duration_s: float
) -> RecordTimes:
    steps_s = np.diff(starts_s)
    early = np.flatnonzero(steps_s < record_duration_s - _TOLERANCE_S)
    if early.size:
        record = int(early[0]) + 1
        raise EdfError(
            "Two pieces of this interrupted recording (EDF+D) overlap in time",
            where=f"record {record + 1} starts {starts_s[record]:g} s into the recording,"
            f" the one before ends at {starts_s[record - 1] + record_duration_s:g} s",
            advice="Export it again as a continuous EDF+C.",
        )
    duration_s = float(starts_s[-1]) + record_duration_s
    if duration_s > max_duration_s:
        raise EdfError(
            f"With its interruptions this recording spans {duration_s / 3600:.1f} hours",
            where="record times",
            advice=f"At most {max_duration_s / 3600:g} hours are taken; split the file.",
        )
    late = np.flatnonzero(steps_s > record_duration_s + _TOLERANCE_S)
    gaps = tuple(Gap(float(starts_s[i]) + record_duration_s, float(starts_s[i + 1])) for i in late)
    return RecordTimes(starts_s, duration_s, gaps, tuple(_gap_warnings(gaps)))


def _gap_warnings(gaps: tuple[Gap, ...]) -> list[str]:
    listed = [
        f"Nothing was recorded from {gap.start_s:g} s to {gap.end_s:g} s"
        f" ({gap.end_s - gap.start_s:g} s); the traces are flat there."
        for gap in gaps[:20]
    ]
    if len(gaps) > 20:
        listed.append(f"{len(gaps) - 20} more interruptions are not listed.")
    return listed
