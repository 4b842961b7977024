"""Stages placed by times of day: the clock of a file against that of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from psg.doubts import Choice, Doubt
from psg.lights import DAY_S, time_of_day
from psg.stagefiles.alignment import Aligned, NightTimes, OtherNightError, moved
from psg.stagefiles.bydate import CLOCK, days_apart, other_date
from psg.stagefiles.entries import NEAR_S, StageEntry
from psg.stagefiles.facts import StageTable
from psg.stages import EPOCH_S

INDEX, ELAPSED = "index", "elapsed"
# Of a file of this night most of what was scored lies inside the recording.
_LEAST_INSIDE = 0.5
_SURELY_INSIDE = 0.95
# A stretch at an end of the night may be scored and not recorded; more is likely another night.
_MOST_LOST_S = 15 * 60.0
# Times that count from the start of a recording begin within its first hour.
_ELAPSED_BEFORE_S = 3600.0
_PART = (
    " If both are right, set Placement to clock (in the shell: --place clock): the part inside the"
    " recording is then imported."
)


def by_clock(
    table: StageTable, night: NightTimes, *, day: int | None = None, is_asked: bool = False
) -> Aligned:
    shifts = _possible_shifts(table, night)
    if day is not None:
        wanted = _first_shift(table, night) + DAY_S * (day - 1)
        shifts = [wanted]
    inside = {shift_s: _inside(table, night, shift_s) for shift_s in shifts}
    best_s = max(shifts, key=lambda shift_s: (inside[shift_s], -abs(shift_s)))
    if inside[best_s] <= 0 or (inside[best_s] < _LEAST_INSIDE and not is_asked):
        raise _other_night(table, night, best_s, inside[best_s])
    doubts = () if is_asked else _much_outside(table, night, best_s, inside[best_s])
    fitting = [shift_s for shift_s in shifts if inside[shift_s] >= _SURELY_INSIDE]
    of_its_date = [shift_s for shift_s in fitting if not days_apart(table, night, shift_s)]
    if len(fitting) > 1 and len(of_its_date) == 1:
        best_s, doubts = of_its_date[0], ()
    elif len(fitting) > 1:
        doubts = _which_day(table, night, fitting)
    if not is_asked and (days := days_apart(table, night, best_s)):
        doubts = (other_date(days, _span(table, night, best_s)),)
    notes = (_shift_note(table, night, best_s),) if abs(best_s) > NEAR_S else ()
    return Aligned(
        moved(table, best_s),
        shift_s=best_s,
        may_lose=is_asked or abs(best_s) > NEAR_S,
        notes=notes,
        doubts=doubts,
    )


def _first_shift(table: StageTable, night: NightTimes) -> float:
    return ((table.clock_s or 0.0) - (night.clock_s or 0.0)) % DAY_S


def _possible_shifts(table: StageTable, night: NightTimes) -> list[float]:
    """Shifts that put the zero of the file on each day of the recording, or on a day before."""
    first_s = _first_shift(table, night)
    days = range(-_days(table) - 1, int(night.duration_s // DAY_S) + 1)
    return [first_s + DAY_S * day for day in days]


def _days(table: StageTable) -> int:
    return int(max((entry.end_s for entry in table.entries), default=0.0) // DAY_S)


def _inside(table: StageTable, night: NightTimes, shift_s: float) -> float:
    """Share of the scored time that lies in the recording."""
    scored = _scored(table)
    total_s = sum(entry.duration_s for entry in scored)
    inside_s = sum(
        max(min(entry.end_s + shift_s, night.duration_s) - max(entry.onset_s + shift_s, 0.0), 0.0)
        for entry in scored
    )
    return inside_s / total_s if total_s > 0 else 0.0


def _scored(table: StageTable) -> Sequence[StageEntry]:
    return [entry for entry in table.entries if entry.stage is not None] or table.entries


# Clocks that may be none.


def may_be_no_clock(table: StageTable, night: NightTimes) -> bool:
    """Whether one of the clocks may be none, and the stages would lie elsewhere without it.

    Files without a clock have 00:00:00, and some lists write the time since the start of the
    recording as a time of day.
    """
    if table.clock_s is None or night.clock_s is None:
        return False
    gap_s = _first_shift(table, night)
    is_same = min(gap_s, DAY_S - gap_s) <= NEAR_S
    is_odd = table.clock_s == 0 or night.clock_s == 0 or may_be_elapsed(table)
    return is_odd and not is_same


def may_be_elapsed(table: StageTable) -> bool:
    """Whether the times of day may be the time since the start of a recording."""
    zero_s = table.clock_s or 0.0
    return table.may_be_elapsed and 0 < zero_s < _ELAPSED_BEFORE_S


def perhaps_no_clock(table: StageTable, night: NightTimes) -> Aligned:
    """Place a file where one of the clocks may be none; open where both readings fit."""
    is_elapsed = bool(table.clock_s) and night.clock_s != 0
    start_s = (table.clock_s or 0.0) if is_elapsed else 0.0
    if _inside(table, night, start_s) < _SURELY_INSIDE:
        return by_clock(table, night)
    fits_by_clock = any(
        _inside(table, night, shift_s) >= _SURELY_INSIDE
        for shift_s in _possible_shifts(table, night)
    )
    why = "Files without a clock have 00:00:00: stages" if not is_elapsed else "Stages"
    note = f"{both_clocks(table, night)} {why} were counted from the start of the recording."
    from_start = Aligned(moved(table, start_s), notes=(note,))
    if not fits_by_clock and not is_elapsed:
        return from_start
    return replace(from_start, doubts=(_clock_or_none(table, night, is_elapsed=is_elapsed),))


def _clock_or_none(table: StageTable, night: NightTimes, *, is_elapsed: bool) -> Doubt:
    other = ELAPSED if is_elapsed else INDEX
    return Doubt(
        code="place",
        what="Are the times of the stage file times of day, or times since the start of the"
        " recording?"
        if is_elapsed
        else "Is 00:00:00 a real clock time?",
        where=both_clocks(table, night).removesuffix("."),
        choices=(
            Choice(
                other,
                "The times count from the start of the recording."
                if is_elapsed
                else "The stages start with the recording.",
            ),
            Choice(CLOCK, "The clocks are right."),
        ),
        option=f"--place {other} (or clock)",
    )


def _much_outside(
    table: StageTable, night: NightTimes, shift_s: float, inside: float
) -> tuple[Doubt, ...]:
    """Ask where so much of what was scored lies outside that the file may be of another night."""
    scored_s = sum(entry.duration_s for entry in _scored(table))
    lost_s = scored_s * (1 - inside)
    if inside >= _SURELY_INSIDE or lost_s <= _MOST_LOST_S:
        return ()
    return (
        Doubt(
            code="place",
            what=f"{lost_s / 60:.0f} of {scored_s / 60:.0f} min that the stage file scores lie"
            " outside the recording. Is the file of another night?",
            where=_span(table, night, shift_s),
            choices=(
                Choice(CLOCK, "Both clocks are right. Import the part inside the recording."),
            ),
            option="--place clock",
        ),
    )


# Words for the times of both files.


def both_clocks(table: StageTable, night: NightTimes) -> str:
    its, other = time_of_day(table.clock_s or 0.0), time_of_day(night.clock_s or 0.0)
    return f"The stage file counts from {its}, the recording starts at {other}."


def _shift_note(table: StageTable, night: NightTimes, shift_s: float) -> str:
    way = "after" if shift_s > 0 else "before"
    its, other = time_of_day(table.clock_s or 0.0), time_of_day(night.clock_s or 0.0)
    return (
        f"The stage file counts from {its}, {_length(abs(shift_s))} {way} the start of the"
        f" recording at {other}: its stages were placed by clock."
    )


def _other_night(
    table: StageTable, night: NightTimes, shift_s: float, inside: float
) -> OtherNightError:
    scored = _scored(table)
    first_s = min(entry.onset_s for entry in scored)
    last_s = max(entry.end_s for entry in scored)
    is_longer = last_s - first_s > night.duration_s + EPOCH_S
    return OtherNightError(
        "The stage file is longer than the recording and seems to be of another night"
        if is_longer
        else "The stage file seems to be of another night",
        where=_span(table, night, shift_s),
        advice="Choose the stage file of this recording. If a clock is wrong, set Placement to"
        " index (in the shell: --place index): stages then count from the start of the recording."
        f"{_PART if inside > 0 else ''}",
    )


def _span(table: StageTable, night: NightTimes, shift_s: float) -> str:
    """Say from when to when the stages run, and the recording."""
    scored, clock_s = _scored(table), night.clock_s or 0.0
    first_s = min(entry.onset_s for entry in scored) + clock_s + shift_s
    last_s = max(entry.end_s for entry in scored) + clock_s + shift_s
    return (
        f"its stages run from {time_of_day(first_s)} to {time_of_day(last_s)}, the recording from"
        f" {time_of_day(clock_s)} to {time_of_day(clock_s + night.duration_s)}"
    )


def _which_day(table: StageTable, night: NightTimes, shifts: Sequence[float]) -> tuple[Doubt, ...]:
    first_s = _first_shift(table, night)
    days = [round((shift_s - first_s) / DAY_S) + 1 for shift_s in shifts]
    return (
        Doubt(
            code="place",
            what="The recording is longer than a day. On which day do the stages start?",
            where=both_clocks(table, night).removesuffix("."),
            choices=tuple(Choice(f"day {day}", f"The stages start on day {day}.") for day in days),
            option=f"--place “day {days[0]}”",
        ),
    )


def _length(length_s: float) -> str:
    if length_s % 60:
        return f"{length_s:g} s"
    hours, minutes = divmod(round(length_s / 60), 60)
    return " ".join(
        filter(None, [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""])
    )
