"""EDF+ annotations: time-stamped annotation lists (TALs), and the start of each data record.

The first TAL of a record, with an empty text, gives the start of the record. Onsets here are
seconds from the start of the header's clock.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.edf.header import EdfLimits, decode_text
from psg.errors import EdfError

_TIMING = re.compile(rb"([+-]\d+(?:\.\d*)?)(?:\x15(\d+(?:\.\d*)?))?\x14")
_TAL = re.compile(rb"[^\x00]+")
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
    onset_s = float(match.group(1)) if match else math.inf
    return onset_s if math.isfinite(onset_s) else None


def record_tals(record: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Split a record into TALs, each its timing and its texts; damaged ones are passed over."""
    # One at a time: a large record that is split at its zeros makes a list of millions.
    for tal in (match.group(0) for match in _TAL.finditer(record)):
        match = _TIMING.match(tal)
        if match:
            yield match.group(0), tal[match.end() :].removesuffix(b"\x14").split(b"\x14")


def record_annotations(record: bytes) -> Iterator[Annotation]:
    """Read the annotations of a record.

    Texts that begin with ``<`` hold XML in some archives and are left out.

    Raises
    ------
    EdfError
        When a time has so many digits that it is not a finite number.
    """
    for timing, texts in record_tals(record):
        match = _TIMING.match(timing)
        assert match is not None
        onset_s, duration_s = float(match.group(1)), float(match.group(2) or 0)
        if not math.isfinite(onset_s + duration_s):
            raise EdfError(
                "The time of an annotation is not a finite number of seconds",
                where=f"“{timing[:20].decode('latin-1')}…”",
                advice="Export the file again.",
            )
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
    limits: EdfLimits,
) -> RecordTimes:
    """Place records by the onsets they carry, NaN where a record carries none.

    Raises
    ------
    EdfError
        When records overlap or run backwards, or the interruptions between them are too long or
        too many.
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
    return _on_the_clock(relative_s, record_duration_s, limits)


def _without_times(plain: RecordTimes, is_discontinuous: bool) -> RecordTimes:
    if is_discontinuous:
        raise EdfError(
            "The recording has interruptions (EDF+D) but not every record says when it starts",
            where="annotation signal",
            advice="Export it as a continuous EDF+C.",
        )
    return plain


def _on_the_clock(
    starts_s: NDArray[np.float64], record_duration_s: float, limits: EdfLimits
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
    check_interruptions(duration_s, len(starts_s) * record_duration_s, limits)
    late = np.flatnonzero(steps_s > record_duration_s + _TOLERANCE_S)
    if late.size > limits.max_interruptions:
        raise EdfError(
            f"This recording has {late.size:,} interruptions",
            where="record times",
            advice="Export it again as a continuous EDF+C.",
        )
    gaps = tuple(Gap(float(starts_s[i]) + record_duration_s, float(starts_s[i + 1])) for i in late)
    return RecordTimes(starts_s, duration_s, gaps, tuple(gap_warnings(gaps)))


def check_interruptions(duration_s: float, recorded_s: float, limits: EdfLimits) -> None:
    """Refuse interruptions out of all proportion: flat samples are stored for them."""
    if duration_s > limits.max_duration_s:
        raise EdfError(
            f"With its interruptions this recording spans {duration_s / 3600:.1f} hours",
            where="record times",
            advice=f"At most {limits.max_duration_s / 3600:g} hours are taken; split the file.",
        )
    missing_s = duration_s - recorded_s
    if missing_s > max(limits.short_interruptions_s, limits.max_interruption_ratio * recorded_s):
        raise EdfError(
            f"The interruptions are far longer than the recording: {missing_s / 3600:.1f} hours"
            f" without signals beside {recorded_s / 3600:.3g} hours with them",
            where="record times",
            advice="Are the times of the records right? If so, split the file at the interruption.",
        )


def gap_warnings(gaps: Sequence[Gap]) -> list[str]:
    """Tell the gaps of a recording, the first ones in full."""
    listed = [
        f"Nothing was recorded from {gap.start_s:g} s to {gap.end_s:g} s"
        f" ({gap.end_s - gap.start_s:g} s); the traces are flat there."
        for gap in gaps[:20]
    ]
    if len(gaps) > 20:
        listed.append(f"{len(gaps) - 20} more interruptions are not listed.")
    return listed
