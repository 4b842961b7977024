"""Move the stages of a file to the time of a recording: by clock, by epoch, or from its start."""

from __future__ import annotations

import math
from dataclasses import replace

from psg.doubts import Choice, Doubt
from psg.epochs import grid_for
from psg.errors import PsgError, StageFileError
from psg.lights import Lights, time_of_day
from psg.stagefiles.alignment import Aligned, NightTimes, OtherNightError, moved
from psg.stagefiles.byclock import (
    CLOCK,
    ELAPSED,
    INDEX,
    both_clocks,
    by_clock,
    may_be_elapsed,
    may_be_no_clock,
    perhaps_no_clock,
)
from psg.stagefiles.clockdoubts import (
    is_joined,
    may_be_other_clock,
    over_joins,
    perhaps_other_clock,
)
from psg.stagefiles.entries import NEAR_S, StageEntry
from psg.stagefiles.facts import StageFile, StageOptions, StageTable
from psg.stages import EPOCH_S

__all__ = [
    "CLOCK",
    "INDEX",
    "Aligned",
    "NightTimes",
    "OtherNightError",
    "align",
    "lights_inside",
    "night_of_file",
    "origin_entries",
]


def align(table: StageTable, night: NightTimes, options: StageOptions | None = None) -> Aligned:
    """Move a table to the time of a recording.

    Raises
    ------
    OtherNightError
        When clock or length say that the file is of another night; both times are named.
    """
    options = options or StageOptions()
    if options.place not in ("", INDEX, ELAPSED):
        _refuse_without_clock(table, night)
    if table.numbered_from is not None:
        return _by_number(table, night)
    if table.by_epoch:
        return _counted(table, night, options)
    return _ends_or_starts(_by_times(table, night, options), night, options)


def _by_times(table: StageTable, night: NightTimes, options: StageOptions) -> Aligned:
    """Place a table whose rows have times."""
    day = _day_of(options.place)
    if options.place == ELAPSED:
        note = "The times of the stage file count from the start of the recording, as declared."
        return Aligned(moved(table, table.clock_s or 0.0), notes=(note,))
    if is_joined(table, night) and options.place == "":
        return over_joins(table, night)
    if table.clock_s is None or night.clock_s is None:
        return _without_clock(table, night, is_asked=options.place == INDEX)
    if options.place == INDEX:
        return Aligned(table, notes=(f"{both_clocks(table, night)} The clocks were not used.",))
    if options.place == "":
        if may_be_other_clock(table, night):
            return perhaps_other_clock(table, night)
        if may_be_no_clock(table, night):
            return perhaps_no_clock(table, night)
    return by_clock(table, night, day=day, is_asked=options.place == CLOCK or day is not None)


def _day_of(place: str) -> int | None:
    """Read ``day 2``: the day of the recording on which the file starts.

    Raises
    ------
    PsgError
        When a place is none that is known.
    """
    if place in ("", CLOCK, INDEX, ELAPSED):
        return None
    word, _, number = place.partition(" ")
    if word == "day" and number.isdigit() and 1 <= int(number) <= 7:
        return int(number)
    raise PsgError(
        f"“{place[:20]}” is no way to place stages", advice="Use clock, index, elapsed, or day 2."
    )


def _refuse_without_clock(table: StageTable, night: NightTimes) -> None:
    if table.clock_s is None or night.clock_s is None:
        whose = "stage file" if table.clock_s is None else "recording"
        raise StageFileError(
            f"The {whose} has no clock",
            advice="Its stages can only be counted from the start of the recording.",
        )


def _without_clock(table: StageTable, night: NightTimes, *, is_asked: bool) -> Aligned:
    if not table.clock_s and not night.clock_s:
        return Aligned(table)
    whose = "stage file" if table.clock_s is None else "recording"
    note = f"The {whose} has no clock: stages were counted from the start of the recording."
    doubts = () if is_asked or not may_be_elapsed(table) else (_elapsed_or_first(table),)
    return Aligned(table, notes=(note,), doubts=doubts)


def _elapsed_or_first(table: StageTable) -> Doubt:
    return Doubt(
        code="place",
        what="The recording has no clock. Do the times of the stage file count from its start?",
        where=f"the first stage is at {time_of_day(table.clock_s or 0.0)}",
        choices=(
            Choice(ELAPSED, "The times count from the start of the recording."),
            Choice(INDEX, "The first stage is at the start of the recording."),
        ),
        option="--place elapsed (or index)",
    )


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
        moved(table, night.grid.epoch0_s - table.epoch_s),
        notes=(f"The file counts its epochs from 1 ({numbers}).",),
    )
    if is_certain:
        return from_1
    doubt = Doubt(
        code="counting_base",
        what="Is the first epoch of the recording number 0 or 1?",
        where=numbers,
        choices=(
            Choice("0", "The first epoch of the recording is number 0."),
            Choice("1", "The first epoch of the recording is number 1: stages lie 1 earlier."),
        ),
        option="--first-epoch 1 (or 0)",
    )
    return Aligned(moved(table, night.grid.epoch0_s), doubts=(doubt,))


# Files that count their epochs and do not number them.

# 5 minutes: so much may lack at the end of a list of this night.
_FEW_EPOCHS = 10
_FEW_SHARE = 0.05


def _counted(table: StageTable, night: NightTimes, options: StageOptions) -> Aligned:
    """Lay the first epoch of a file on that of the recording; open where the lengths differ."""
    its = moved(table, night.grid.epoch0_s)
    count = round(max(entry.end_s for entry in table.entries) / table.epoch_s)
    epochs = int((night.duration_s - night.grid.epoch0_s) / table.epoch_s + 1e-6)
    if count >= epochs:
        return Aligned(its)
    where = f"{count} epochs of {table.epoch_s:g} s, the recording has {epochs}"
    note = f"The file has no times: its first epoch is that of the recording ({where})."
    aligned = Aligned(its, notes=(note,))
    if options.place == INDEX or epochs - count < max(_FEW_EPOCHS, _FEW_SHARE * epochs):
        return aligned
    return replace(aligned, doubts=(_much_shorter(where),))


def _much_shorter(where: str) -> Doubt:
    return Doubt(
        code="place",
        what="The stage file has no times and is much shorter than the recording. Is its first"
        " stage that of the first epoch?",
        where=where,
        choices=(Choice(INDEX, "Its first stage is that of the first epoch of the recording."),),
        option="--place index",
    )


# Times that may be the ends of epochs.


def _ends_or_starts(aligned: Aligned, night: NightTimes, options: StageOptions) -> Aligned:
    """Ask where the first stage begins an epoch late and the last one ends an epoch too late."""
    table, grid = aligned.table, night.grid
    scored = [entry for entry in table.entries if entry.stage is not None]
    if not scored:
        return aligned
    first_s = min(entry.onset_s for entry in scored) - grid.epoch0_s
    end_s = max(entry.end_s for entry in scored)
    late_s = end_s - grid.onset_s(grid.epoch_count)
    is_late = abs(first_s - table.epoch_s) <= NEAR_S and end_s > night.duration_s + NEAR_S
    if not is_late or late_s > table.epoch_s + NEAR_S or options.first_epoch == 0:
        return aligned
    earlier = replace(aligned, table=moved(table, -table.epoch_s))
    if options.first_epoch == 1:
        note = "The times of the file are the ends of its epochs, as declared."
        return replace(
            earlier, shift_s=aligned.shift_s - table.epoch_s, notes=(*aligned.notes, note)
        )
    doubt = Doubt(
        code="counting_base",
        what="The first stage begins an epoch after the start of the recording, and the last one"
        " ends after the recording. Are the times the starts or the ends of the epochs?",
        where=f"stages from {first_s:g} to {end_s:g} s, the recording has {night.duration_s:g} s",
        choices=(
            Choice("0", "The times are the starts of the epochs."),
            Choice("1", "The times are the ends of the epochs: stages lie 1 epoch earlier."),
        ),
        option="--first-epoch 1 (or 0)",
    )
    return replace(aligned, may_lose=True, doubts=(*aligned.doubts, doubt))


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
