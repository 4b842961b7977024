"""When the rows of a table begin and how long they last: by onset, by number, by length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from psg.errors import StageFileError
from psg.lights import DAY_S
from psg.stagefiles.clocks import clock_of, read_clock, timeline
from psg.stagefiles.columnnames import SECONDS_IN
from psg.stagefiles.facts import StageOptions
from psg.stagefiles.fields import number_of, optional_number
from psg.stagefiles.layouts import Layout
from psg.stagefiles.tables import EMPTY, Rows, Table
from psg.stages import EPOCH_S


@dataclass(frozen=True)
class RowTimes:
    """Onset and duration of every row in seconds; None for a row without onset.

    ``are_runs`` says that each row is a stage and the next one follows it, so that every text is
    one of a stage.
    """

    onsets_s: tuple[float | None, ...]
    durations_s: tuple[float | None, ...]
    clock_s: float | None = None
    may_be_elapsed: bool = False
    days: tuple[int, ...] = ()
    by_epoch: bool = False
    numbered_from: int | None = None
    are_runs: bool = False
    note: str = ""


def rows_of(table: Table, layout: Layout) -> Rows:
    return table.rows[1:] if layout.has_header else table.rows


def row_times(table: Table, layout: Layout, options: StageOptions) -> RowTimes:
    """Tell when the rows of a table begin, and how long they last.

    Raises
    ------
    StageFileError
        When a time cannot be read, or the rows cannot follow each other.
    """
    epoch_s = options.epoch_s or EPOCH_S
    if layout.onset is not None:
        return _by_onset(table, layout, layout.onset, epoch_s)
    if layout.epoch is not None:
        return _by_number(table, layout, layout.epoch, epoch_s, options)
    return _one_after_another(table, layout, epoch_s)


def _cells(table: Table, layout: Layout, index: int) -> Iterator[tuple[str, str]]:
    for number, cells in rows_of(table, layout):
        yield f"{table.row_word} {number}", cells[index] if index < len(cells) else ""


# Rows without a time.


def _one_after_another(table: Table, layout: Layout, epoch_s: float) -> RowTimes:
    """Let each row begin where the one before it ends, from the start of the recording."""
    count = len(rows_of(table, layout))
    _refuse_skipped_lines(table, layout)
    if layout.scorer is not None:
        raise StageFileError(
            "The table names scorers, and has neither times nor numbers of epochs",
            where=f"column {layout.scorer + 1}",
            advice="Add a column “epoch” with the number of each epoch.",
        )
    if layout.duration is None:
        durations_s: list[float | None] = [epoch_s] * count
        note = "The table has neither times nor numbers of epochs: each row is an epoch."
    else:
        durations_s = list(_durations_s(table, layout, epoch_s))
        note = "The table has durations and no times: each stage begins where the last one ends."
    known = [duration_s for duration_s in durations_s if duration_s is not None]
    if len(known) < count or min(known, default=0.0) < 0:
        raise StageFileError(
            "A stage has no duration, and the table has no times",
            where=f"column {(layout.duration or 0) + 1}",
            advice="Add a column “onset” with the seconds from the start of the recording.",
        )
    ends_s = list(accumulate(known, initial=0.0))
    return RowTimes(
        tuple(ends_s[:count]),
        tuple(known),
        by_epoch=True,
        are_runs=layout.duration is not None,
        note=note,
    )


def _refuse_skipped_lines(table: Table, layout: Layout) -> None:
    """Refuse lines between stages without times that may be epochs, or nothing.

    Raises
    ------
    StageFileError
    """
    numbers = [number for number, _ in rows_of(table, layout)]
    between = [line for line in table.skipped if numbers and numbers[0] < line < numbers[-1]]
    if between:
        raise StageFileError(
            "A line between the stages is empty, or a comment that names a stage",
            where=f"line {between[0]}",
            advice="Write “?” where an epoch has no stage, or remove the line.",
        )


# Rows with a number.


def _by_number(
    table: Table, layout: Layout, index: int, epoch_s: float, options: StageOptions
) -> RowTimes:
    numbers = [_epoch_number(cell, where) for where, cell in _cells(table, layout, index)]
    lowest = min(numbers, default=0)
    first = options.first_epoch or 0
    if lowest < first:
        raise StageFileError(
            f"The file has epoch {lowest}, which lies before its first epoch",
            where=f"first epoch {first}",
            advice="Say with which number the file counts its first epoch.",
        )
    is_open = options.first_epoch is None and lowest > 0
    durations_s = _durations_s(table, layout, epoch_s)
    return RowTimes(
        tuple(epoch_s * (number - first) for number in numbers),
        durations_s,
        by_epoch=True,
        numbered_from=lowest if is_open else None,
    )


def _epoch_number(cell: str, where: str) -> int:
    number = number_of(cell, where)
    if number != int(number) or number < 0:
        raise StageFileError(
            "A number of an epoch is no whole number",
            where=where,
            advice="Name the column “onset” if it holds seconds.",
        )
    return int(number)


# Rows with an onset.


def _by_onset(table: Table, layout: Layout, index: int, epoch_s: float) -> RowTimes:
    cells = list(_cells(table, layout, index))
    filled = [(where, cell) for where, cell in cells if cell.lower() not in EMPTY]
    durations_s = _durations_s(table, layout, epoch_s)
    if not filled or optional_number(filled[0][1]) is not None:
        per_unit = _seconds_in(layout, index)
        onsets_s = tuple(
            None if cell.lower() in EMPTY else number_of(cell, where) * per_unit
            for where, cell in cells
        )
        ends_s = _ends_s(table, layout, None)
        lengths_s = _from_ends(onsets_s, ends_s, durations_s, are_clocks=False)
        return RowTimes(onsets_s, lengths_s)
    line = timeline([clock_of(cell, where) for where, cell in filled])
    by_place = dict(zip((where for where, _ in filled), line.onsets_s, strict=True))
    clocked = tuple(by_place.get(where) for where, _ in cells)
    ends_s = _ends_s(table, layout, line.zero_clock_s)
    return RowTimes(
        clocked,
        _from_ends(clocked, ends_s, durations_s, are_clocks=True),
        clock_s=line.clock_s,
        may_be_elapsed=not line.has_dates,
        days=line.days,
    )


def _seconds_in(layout: Layout, index: int) -> float:
    """Return the length of the unit in which a column counts.

    Raises
    ------
    StageFileError
        When the unit is none of time.
    """
    seconds = SECONDS_IN.get(layout.unit_of(index))
    if seconds is None:
        raise StageFileError(
            "The unit of the times is not known",
            where=f"column {index + 1}",
            advice="Give the times in seconds: columns “onset” and “duration”.",
        )
    return seconds


def _durations_s(table: Table, layout: Layout, epoch_s: float) -> tuple[float | None, ...]:
    index = layout.duration
    if index is None:
        return (None,) * len(rows_of(table, layout))
    in_epochs = layout.unit_of(index) == "epoch"
    per_unit = epoch_s if in_epochs else _seconds_in(layout, index)
    return tuple(_length_s(cell, where, per_unit) for where, cell in _cells(table, layout, index))


def _length_s(cell: str, where: str, per_unit: float) -> float | None:
    """Read a duration as a number or as 00:00:30; None where there is none."""
    if cell.lower() in EMPTY:
        return None
    clock = read_clock(cell) if ":" in cell else None
    return (clock.second if clock else number_of(cell, where) * per_unit) or None


def _ends_s(table: Table, layout: Layout, zero_clock_s: float | None) -> list[float | None]:
    if layout.end is None:
        return []
    ends_s: list[float | None] = []
    for where, cell in _cells(table, layout, layout.end):
        if cell.lower() in EMPTY:
            ends_s.append(None)
        elif zero_clock_s is None:
            ends_s.append(number_of(cell, where) * _seconds_in(layout, layout.end))
        else:
            ends_s.append(clock_of(cell, where).second - zero_clock_s)
    return ends_s


def _from_ends(
    onsets_s: Sequence[float | None],
    ends_s: Sequence[float | None],
    durations_s: Sequence[float | None],
    *,
    are_clocks: bool,
) -> tuple[float | None, ...]:
    """Give the durations that the table has, or those that follow from the ends."""
    if not ends_s:
        return tuple(durations_s)
    return tuple(
        duration_s
        if duration_s is not None or onset_s is None or end_s is None
        else _length_between(onset_s, end_s, are_clocks=are_clocks)
        for onset_s, end_s, duration_s in zip(onsets_s, ends_s, durations_s, strict=True)
    )


def _length_between(onset_s: float, end_s: float, *, are_clocks: bool) -> float | None:
    """Count from an onset to an end; times of day have no date and cross midnight.

    Raises
    ------
    StageFileError
        When a stage ends before it begins.
    """
    length_s = (end_s - onset_s) % DAY_S if are_clocks else end_s - onset_s
    if length_s < 0:
        raise StageFileError(
            "A stage ends before it begins",
            where=f"{onset_s:g} s to {end_s:g} s",
            advice="Correct the onset or the end.",
        )
    return length_s or None
