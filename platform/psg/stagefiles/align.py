"""Move the stages of a file to the time of a recording: by clock, by epoch, or from its start."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from psg.doubts import Choice, Doubt
from psg.epochs import EpochGrid, grid_for
from psg.errors import PsgError, StageFileError
from psg.lights import DAY_S, Lights
from psg.stagefiles.entries import StageEntry
from psg.stagefiles.facts import StageFile, StageOptions, StageTable
from psg.stages import EPOCH_S

CLOCK, INDEX = "clock", "index"
_NEAR_S = 0.5
# A clock of exactly midnight is what files without a clock have; near midnight it may be real.
_NEAR_MIDNIGHT_S = 2 * 3600.0
# Of a file of this night most of what was scored lies inside the recording.
_LEAST_INSIDE = 0.5
_SURELY_INSIDE = 0.95
_PART = " If both are right, --place clock takes the part inside the recording."


class OtherNightError(StageFileError):
    """Clock or length say that a stage file belongs to another recording."""

    code = "other_night"


@dataclass(frozen=True)
class NightTimes:
    """The times of a recording on which stages are placed.

    Attributes
    ----------
    grid : EpochGrid
        Its epochs, or those it would have without stages.
    duration_s : float
        Length of the recording.
    clock_s : float or None
        Time of day of its start, in seconds after midnight.
    """

    grid: EpochGrid
    duration_s: float
    clock_s: float | None = None

    @property
    def has_rest(self) -> bool:
        """Whether an incomplete epoch lies at its end."""
        return self.duration_s - self.grid.onset_s(self.grid.epoch_count) > _NEAR_S


@dataclass(frozen=True)
class Aligned:
    """A table whose onsets count from the start of the recording.

    ``may_lose`` says that stages outside the recording are left out and told, since two clocks
    show where the file lies; else they are refused.
    """

    table: StageTable
    shift_s: float = 0.0
    may_lose: bool = False
    notes: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = field(default=())


def align(table: StageTable, night: NightTimes, options: StageOptions | None = None) -> Aligned:
    """Move a table to the time of a recording.

    Raises
    ------
    OtherNightError
        When clock or length say that the file is of another night; both times are named.
    """
    options = options or StageOptions()
    day = _day_of(options.place)
    if options.place not in ("", INDEX):
        _refuse_without_clock(table, night)
    if table.numbered_from is not None:
        return _by_number(table, night)
    if table.by_epoch:
        return Aligned(_moved(table, night.grid.epoch0_s))
    if table.clock_s is None or night.clock_s is None:
        return _without_clock(table, night)
    if options.place == INDEX:
        return Aligned(table, notes=(f"{_clocks(table, night)} The clocks were not used.",))
    if options.place == "" and (table.clock_s == 0) != (night.clock_s == 0):
        return _at_midnight(table, night)
    return _by_clock(table, night, day=day, is_asked=options.place == CLOCK or day is not None)


def _day_of(place: str) -> int | None:
    """Read ``day 2``: the day of the recording on which the file starts.

    Raises
    ------
    PsgError
        When a place is none that is known.
    """
    if place in ("", CLOCK, INDEX):
        return None
    word, _, number = place.partition(" ")
    if word == "day" and number.isdigit() and 1 <= int(number) <= 7:
        return int(number)
    raise PsgError(
        f"“{place[:20]}” is no way to place stages", advice="Use clock, index, or day 2."
    )


def _refuse_without_clock(table: StageTable, night: NightTimes) -> None:
    if table.clock_s is None or night.clock_s is None:
        whose = "stage file" if table.clock_s is None else "recording"
        raise StageFileError(
            f"The {whose} has no clock",
            advice="Its stages can only be counted from the start of the recording.",
        )


def _without_clock(table: StageTable, night: NightTimes) -> Aligned:
    if not table.clock_s and not night.clock_s:
        return Aligned(table)
    whose = "stage file" if table.clock_s is None else "recording"
    note = f"The {whose} has no clock: stages were counted from the start of the recording."
    return Aligned(table, notes=(note,))


# Files that number their epochs.


def _by_number(table: StageTable, night: NightTimes) -> Aligned:
    """Count from 0 or 1, as the numbers show; open where both are possible."""
    first = table.numbered_from or 0
    last = round(max(entry.end_s for entry in table.entries) / table.epoch_s) - 1
    count = int((night.duration_s - night.grid.epoch0_s) / table.epoch_s + 1e-6)
    numbers = f"epochs {first} to {last}, the recording has {count}"
    fits_from_0 = last < count + night.has_rest
    fits_from_1 = last - 1 < count + night.has_rest
    is_certain = first == 1 and (last == count or (fits_from_1 and not fits_from_0))
    from_1 = Aligned(
        _moved(table, night.grid.epoch0_s - table.epoch_s),
        notes=(f"The file counts its epochs from 1 ({numbers}).",),
    )
    if is_certain:
        return from_1
    doubt = Doubt(
        code="counting_base",
        what="The file numbers its epochs, and its first epoch may be number 0 or 1",
        where=numbers,
        choices=(
            Choice("0", "The first epoch of the recording is number 0."),
            Choice("1", "The first epoch of the recording is number 1: stages lie 1 earlier."),
        ),
        option="--first-epoch 1 (or 0)",
    )
    return Aligned(_moved(table, night.grid.epoch0_s), doubts=(doubt,))


# Files with a clock.


def _by_clock(
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
    fitting = [shift_s for shift_s in shifts if inside[shift_s] >= _SURELY_INSIDE]
    doubts = _which_day(table, night, fitting) if len(fitting) > 1 else ()
    notes = (_shift_note(table, night, best_s),) if abs(best_s) > _NEAR_S else ()
    return Aligned(
        _moved(table, best_s),
        shift_s=best_s,
        may_lose=is_asked or abs(best_s) > _NEAR_S,
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


def _at_midnight(table: StageTable, night: NightTimes) -> Aligned:
    """Place a file where one clock is exactly 00:00:00, as files without a clock have it."""
    gap_s = _first_shift(table, night)
    is_near = min(gap_s, DAY_S - gap_s) <= _NEAR_MIDNIGHT_S
    fits_by_clock = any(
        _inside(table, night, shift_s) >= _SURELY_INSIDE
        for shift_s in _possible_shifts(table, night)
    )
    fits_by_index = _inside(table, night, 0.0) >= _SURELY_INSIDE
    if fits_by_clock and (is_near or not fits_by_index):
        return _by_clock(table, night)
    note = (
        f"{_clocks(table, night)} Files without a clock have 00:00:00: stages were counted from"
        " the start of the recording."
    )
    if not fits_by_clock and fits_by_index:
        return Aligned(table, notes=(note,))
    if not fits_by_index:
        return _by_clock(table, night)
    doubt = Doubt(
        code="place",
        what="One of the clocks is 00:00:00, which may be no clock at all",
        where=_clocks(table, night).removesuffix("."),
        choices=(
            Choice(INDEX, "The stages start with the recording."),
            Choice(CLOCK, "The clocks are right."),
        ),
        option="--place index (or clock)",
    )
    return Aligned(table, notes=(note,), doubts=(doubt,))


# Words for the times of both files.


def _clocks(table: StageTable, night: NightTimes) -> str:
    its, other = _time(table.clock_s or 0.0), _time(night.clock_s or 0.0)
    return f"The stage file counts from {its}, the recording starts at {other}."


def _shift_note(table: StageTable, night: NightTimes, shift_s: float) -> str:
    way = "after" if shift_s > 0 else "before"
    return (
        f"The stage file counts from {_time(table.clock_s or 0.0)}, {_length(abs(shift_s))} {way}"
        f" the start of the recording at {_time(night.clock_s or 0.0)}: its stages were placed by"
        " clock."
    )


def _other_night(
    table: StageTable, night: NightTimes, shift_s: float, inside: float
) -> OtherNightError:
    scored = _scored(table)
    start_s = (night.clock_s or 0.0) + shift_s
    first_s = min(entry.onset_s for entry in scored)
    last_s = max(entry.end_s for entry in scored)
    is_longer = last_s - first_s > night.duration_s + EPOCH_S
    return OtherNightError(
        "The stage file is longer than the recording and seems to be of another night"
        if is_longer
        else "The stage file seems to be of another night",
        where=f"its stages run from {_time(start_s + first_s)} to {_time(start_s + last_s)}, the"
        f" recording from {_time(night.clock_s or 0.0)} to"
        f" {_time((night.clock_s or 0.0) + night.duration_s)}",
        advice="Choose the stage file of this recording. If a clock is wrong, --place index counts"
        f" the stages from the start of the recording.{_PART if inside > 0 else ''}",
    )


def _which_day(table: StageTable, night: NightTimes, shifts: Sequence[float]) -> tuple[Doubt, ...]:
    first_s = _first_shift(table, night)
    days = [round((shift_s - first_s) / DAY_S) + 1 for shift_s in shifts]
    return (
        Doubt(
            code="place",
            what="The recording is longer than a day, and the stages fit several of its days",
            where=_clocks(table, night).removesuffix("."),
            choices=tuple(Choice(f"day {day}", f"The stages start on day {day}.") for day in days),
            option=f"--place “day {days[0]}”",
        ),
    )


def _time(second: float) -> str:
    minutes, seconds = divmod(round(second) % DAY_S, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def _length(length_s: float) -> str:
    if length_s % 60:
        return f"{length_s:g} s"
    hours, minutes = divmod(round(length_s / 60), 60)
    return " ".join(
        filter(None, [f"{hours} h" if hours else "", f"{minutes} min" if minutes else ""])
    )


def _moved(table: StageTable, shift_s: float) -> StageTable:
    if shift_s == 0:
        return table
    return replace(
        table,
        entries=tuple(replace(each, onset_s=each.onset_s + shift_s) for each in table.entries),
        events=tuple(replace(each, onset_s=each.onset_s + shift_s) for each in table.events),
        lights=table.lights.after(-shift_s),
    )


def origin_entries(table: StageTable) -> list[StageEntry]:
    """Return what decides where epoch 0 of a recording lies: the first stage, by its phase.

    Epochs of 20 s have two phases on a grid of 30 s; the earliest of both keeps the start.
    """
    if not table.entries:
        return []
    first = min(table.entries, key=lambda entry: entry.onset_s)
    if table.epoch_s == EPOCH_S:
        return [first]
    return [replace(first, onset_s=first.onset_s % (EPOCH_S - table.epoch_s))]


def lights_inside(lights: Lights, duration_s: float) -> Lights:
    """Return the marks that lie in a recording; a mark outside is none."""

    def mark(at_s: float | None) -> float | None:
        return at_s if at_s is not None and 0 <= at_s <= duration_s else None

    inside = Lights(mark(lights.off_s), mark(lights.on_s))
    return Lights() if inside.problem(duration_s) else inside


def night_of_file(file: StageFile) -> NightTimes:
    """Return the times of a recording that holds just the stages of a file, without signals."""
    tables = file.tables
    entries = [entry for table in tables for entry in table.entries]
    by_number = all(table.numbered_from == 1 for table in tables)
    end_s = max(entry.end_s for entry in entries) - (tables[0].epoch_s if by_number else 0.0)
    if any(table.epoch_s != EPOCH_S for table in tables):
        end_s = EPOCH_S * math.ceil(end_s / EPOCH_S - 1e-6)
    grid = grid_for(end_s, [entry for table in tables for entry in origin_entries(table)])
    clocks = {table.clock_s for table in tables}
    # A clock of 00:00:00 is none, as far as a single file can tell.
    return NightTimes(grid, end_s, (clocks.pop() if len(clocks) == 1 else None) or None)
