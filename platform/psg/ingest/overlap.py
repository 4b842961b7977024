"""Two recordings of a subject that run at the same time, which no person can have slept.

Dates are compared while files are examined, and never kept. `recordings.overlaps` keeps digests of
stretches of time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from psg.days import day_number
from psg.edf import EdfFile
from psg.errors import PsgError
from psg.lights import DAY_S
from psg.signalfile import SignalFile

STRETCH_S = 300.0
_FIXED_BYTES = 256
_START = re.compile(rb"(\d\d)\.(\d\d)\.(\d\d)(\d\d)\.(\d\d)\.(\d\d)")


@dataclass(frozen=True)
class Span:
    """When a recording starts and ends."""

    start: datetime
    end: datetime

    def shares(self, other: Span) -> timedelta:
        """Return how long both run together."""
        shared = min(self.end, other.end) - max(self.start, other.start)
        return max(shared, timedelta())


def stretches_of(file: SignalFile, start_clock_s: float | None) -> range:
    """Number the stretches of time in which a recording runs; none without a date or a clock."""
    if file.start_day is None or start_clock_s is None:
        return range(0)
    first_s = file.start_day * DAY_S + start_clock_s
    return range(int(first_s // STRETCH_S), int((first_s + file.duration_s) // STRETCH_S) + 1)


def span_of(path: Path) -> Span | None:
    """Read when a recording ran; None for formats other than EDF, and without a date."""
    with path.open("rb") as file:
        found = _START.search(file.read(_FIXED_BYTES), 168, 184)
    if found is None:
        return None
    day, month, year, hour, minute, second = map(int, found.groups())
    if (number := day_number(year, month, day)) is None:
        return None
    try:
        start = datetime.combine(date.fromordinal(number), time(hour, minute, second))
        return Span(start, start + timedelta(seconds=EdfFile.open(path).duration_s))
    except (ValueError, PsgError):
        return None


def shared_times(path: Path, others: Iterable[Path]) -> dict[Path, timedelta]:
    """Return which other recordings run at the same time, and how long together."""
    span = span_of(path)
    if span is None:
        return {}
    spans = {other: span_of(other) for other in others}
    shared = {other: span.shares(its) for other, its in spans.items() if its}
    return {other: time for other, time in shared.items() if time}
