"""The date of a stage file against that of its recording, where both have one.

Only the number of days between them is ever told.
"""

from __future__ import annotations

from psg.doubts import Choice, Doubt
from psg.lights import DAY_S
from psg.stagefiles.alignment import NightTimes
from psg.stagefiles.facts import StageTable

CLOCK = "clock"


def days_apart(table: StageTable, night: NightTimes, shift_s: float) -> int:
    """Count the days from where a shift puts a file to its own date; 0 where a date is missing.

    Of several readings of its date, the nearest counts.
    """
    if night.day is None or night.clock_s is None or table.clock_s is None:
        return 0
    first_s = table.clock_s - night.clock_s - shift_s
    days = [day - night.day + round(first_s / DAY_S) for day in table.days]
    return min(days, key=abs, default=0)


def other_date(days: int, where: str) -> Doubt:
    length = "1 day" if abs(days) == 1 else f"{abs(days):,} days"
    way = "later" if days > 0 else "earlier"
    return Doubt(
        code="place",
        what=f"By its date, the stage file is {length} {way} than the recording. Is it of another"
        " night?",
        where=where,
        choices=(Choice(CLOCK, "It is of this night, and one of the dates is wrong."),),
        option="--place clock",
    )
