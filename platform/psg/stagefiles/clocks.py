"""Times of day as programs write them, counted in seconds over midnight and over days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from psg.days import day_number
from psg.errors import StageFileError
from psg.lights import DAY_S

_TIME = re.compile(
    r"(?P<hours>\d{1,2})(?P<mark>[:.h])(?P<minutes>[0-5]\d)"
    r"(?:(?P=mark)(?P<seconds>[0-5]\d)(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"\s*(?P<half>[ap]\.?\s?m\.?)?(?:Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"(?:(?P<date>\d{1,4}[-./]\w{1,9}[-./]\d{1,4})(?:\s*T|,?\s+(?:-\s+)?|-))?(?P<time>\d.*)",
    re.IGNORECASE,
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Dates are only told apart by day, month and year where those of one file lie close together.
_LONGEST_DAYS = 7
# The first day that computers count.
_NO_DATE = "1970-01-01"
_HOUR_S = 3600.0
# From a stage to the next, where a clock is set back between them.
_LONGEST_STEP_S = 600.0


@dataclass(frozen=True)
class Clock:
    """A time of day in seconds after midnight, with the date as written, or ""."""

    second: float
    date: str = ""


def read_clock(text: str) -> Clock | None:
    """Read ``22:00:30``, ``22.00.30``, ``10:00:30 PM``, with or without a date; None if neither.

    Fractions may follow a point or a comma. A date may stand before the time, also with ``T``.
    """
    dated = _DATED.fullmatch(text.strip())
    match = _TIME.fullmatch(dated["time"].strip()) if dated else None
    if dated is None or match is None:
        return None
    hours = _hours(int(match["hours"]), match["half"])
    # "22.30" may be a number; a time of day without seconds is written with a colon.
    is_number = match["mark"] == "." and match["seconds"] is None
    if hours is None or is_number:
        return None
    seconds = float(f"{match['seconds'] or 0}.{match['fraction'] or 0}")
    return Clock(3600 * hours + 60 * int(match["minutes"]) + seconds, dated["date"] or "")


def _hours(hours: int, half: str | None) -> int | None:
    if half is None:
        return hours if hours < 24 else None
    if not 1 <= hours <= 12:
        return None
    return hours % 12 + (12 if half[0].lower() == "p" else 0)


def unwrap(clocks: Sequence[Clock]) -> list[float]:
    """Count clocks of rows in seconds after midnight of the first day, over further days.

    The dates tell the days where all rows have them. Without, a row lies within half a day of the
    row before it, so that a night crosses midnight, and some rows may be out of order.
    """
    days = _days_of({clock.date for clock in clocks})
    if days is not None:
        return [clock.second + DAY_S * days[clock.date] for clock in clocks]
    seconds: list[float] = []
    for clock in clocks:
        before = seconds[-1] if seconds else clock.second
        seconds.append(clock.second + DAY_S * round((before - clock.second) / DAY_S))
    return seconds


def _days_of(dates: Iterable[str]) -> dict[str, int] | None:
    """Days of dates from the first of them; None without dates, or if they cannot be told."""
    days = next(_possible_days(dates), None)
    if days is None:
        return None
    first = min(days.values())
    return {text: day - first for text, day in days.items()}


def _possible_days(dates: Iterable[str]) -> Iterator[dict[str, int]]:
    """Yield the days that dates mean, for every order of day, month and year that they may have."""
    listed = list(dates)
    if not listed or not all(listed):
        return
    for order in ("ymd", "dmy", "mdy"):
        ordinals = {text: _ordinal(text, order) for text in listed}
        known = {text: day for text, day in ordinals.items() if day is not None}
        if len(known) == len(listed) and max(known.values()) - min(known.values()) <= _LONGEST_DAYS:
            yield known


def days_of_start(clocks: Sequence[Clock]) -> tuple[int, ...]:
    """Return the days on which the earliest of times may lie; none where a date is no real one."""
    starts = {
        int(min(clock.second + DAY_S * days[clock.date] for clock in clocks) // DAY_S)
        for days in _possible_days({clock.date for clock in clocks})
    }
    real = {date.fromordinal(day) for day in starts}
    return tuple(
        sorted(d.toordinal() for d in real if day_number(d.year, d.month, d.day) is not None)
    )


def _ordinal(text: str, order: str) -> int | None:
    parts = dict(zip(order, re.split(r"[-./]", text), strict=True))
    month = parts["m"].lower()
    number = _MONTHS.index(month[:3]) + 1 if month[:3] in _MONTHS else month
    try:
        year = int(parts["y"])
        # Years of two digits, as in EDF headers: 85-99 lie before 2000.
        year += 0 if year > 99 else 1900 if year >= 85 else 2000
        return date(year, int(number), int(parts["d"])).toordinal()
    except ValueError:
        return None


def clock_of(text: str, where: str) -> Clock:
    """Read a time of day that must be there.

    Raises
    ------
    StageFileError
        When the text is no time of day.
    """
    clock = read_clock(text)
    if clock is None:
        raise StageFileError(
            "A time of day cannot be read",
            where=where,
            advice="Times should look like 22:00:30.",
        )
    return clock


@dataclass(frozen=True)
class Timeline:
    """Times in seconds from the earliest of some times of day, and the clock of that moment.

    ``has_clock`` is False where the dates say that the times are no times of day: 1970-01-01 is
    what programs write that count from the start of a recording; zero then is that start.
    ``days`` are those on which that moment may lie, by its date (`psg.days`).
    """

    zero_clock_s: float
    onsets_s: tuple[float, ...]
    ends_s: tuple[float, ...] = ()
    has_clock: bool = True
    has_dates: bool = False
    days: tuple[int, ...] = ()

    @property
    def clock_s(self) -> float | None:
        return self.zero_clock_s if self.has_clock else None


def timeline(clocks: Sequence[Clock]) -> Timeline:
    """Count times of day from the earliest of them."""
    seconds = unwrap(clocks)
    dates = {clock.date for clock in clocks}
    if _NO_DATE in dates and _days_of(dates) is not None:
        return Timeline(0.0, tuple(seconds), has_clock=False, has_dates=True)
    zero_s = min(seconds, default=0.0)
    return Timeline(
        zero_s % DAY_S,
        tuple(second - zero_s for second in seconds),
        has_dates="" not in dates,
        days=days_of_start(clocks),
    )


def span_timeline(starts: Sequence[Clock], ends: Sequence[Clock]) -> Timeline:
    """Count start and end times of rows from the earliest start."""
    seconds = unwrap([clock for pair in zip(starts, ends, strict=True) for clock in pair])
    zero_s = min(seconds[::2], default=0.0)
    counted = [second - zero_s for second in seconds]
    return Timeline(
        zero_s % DAY_S, tuple(counted[::2]), tuple(counted[1::2]), days=days_of_start(starts)
    )


def refuse_hour_twice(times: Sequence[tuple[float, str]]) -> None:
    """Refuse stages whose clock goes back by an hour: what follows would lie an hour early.

    Parameters
    ----------
    times
        Second and place of each stage, in the order of the file.

    Raises
    ------
    StageFileError
    """
    for (second, _), (after, where) in pairwise(times):
        if _HOUR_S - _LONGEST_STEP_S <= second - after <= _HOUR_S:
            raise StageFileError(
                "The clock of the stage file goes back by an hour, as at the end of summer time",
                where=where,
                advice="Export the stages with seconds or with numbers of epochs.",
            )
