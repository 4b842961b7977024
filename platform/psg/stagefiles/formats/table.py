"""Tables (csv, tsv): a row for each epoch, or a list of stages and other events.

Onsets are seconds, or times of day with or without a date; several columns of stages are several
scorers. MNE, BIDS, yasa and spreadsheets write such tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psg.errors import StageFileError
from psg.stagefiles.clocks import clock_of, read_clock, timeline
from psg.stagefiles.columns import (
    EMPTY,
    Layout,
    StageColumn,
    Table,
    find_layout,
    read_table,
)
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import number_of, optional_number
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Reading, Row, read_rows
from psg.stages import EPOCH_S

_SUFFIXES = {".csv", ".tsv"}
_TEXT_SUFFIXES = {"", ".txt", ".dat", ".asc", ".hyp"}


def _recognises(content: Content) -> bool:
    if not content.is_text:
        return False
    if content.suffix in _SUFFIXES:
        return True
    if content.suffix not in _TEXT_SUFFIXES:
        return False
    try:
        table = read_table(content.lines)
    except StageFileError:
        return False
    layout = find_layout(table) if table.is_even else None
    # Times of day and stages without names of columns are lists of another format.
    is_clock_list = layout is not None and not layout.has_header and _has_clock(table)
    return table.width > 1 and layout is not None and not is_clock_list


def _has_clock(table: Table) -> bool:
    return any(read_clock(cell) for cell in table.rows[0][1])


def _read(content: Content, options: StageOptions) -> StageFile:
    table = read_table(content.lines)
    layout = find_layout(table)
    if layout is None:
        # A single cell is no name of a column; it may be a person's.
        names = ", ".join(table.rows[0][1]) if table.width > 1 else ""
        raise StageFileError(
            "The table has no column of stages that is known, or none of their times",
            where=f"columns {names[:120]}" if names else "no columns",
            advice="Name the columns stage, and epoch (its number) or onset (seconds or a time).",
        )
    times = _times(table, layout, options)
    readings = [
        reading
        for column in layout.stages
        for reading in _by_scorer(table, layout, times, column, options)
    ]
    notes = [note for note in (layout.note, times.note) if note]
    return stage_file(FORMAT.id, readings, options, notes=notes)


@dataclass(frozen=True)
class _Times:
    """Onset and duration of every row in seconds; None for a row without onset."""

    onsets_s: tuple[float | None, ...]
    durations_s: tuple[float | None, ...]
    clock_s: float | None = None
    may_be_elapsed: bool = False
    by_epoch: bool = False
    numbered_from: int | None = None
    note: str = ""


def _times(table: Table, layout: Layout, options: StageOptions) -> _Times:
    if layout.onset is not None:
        return _by_onset(table, layout, layout.onset)
    epoch_s = options.epoch_s or EPOCH_S
    if layout.epoch is not None:
        return _by_number(table, layout, layout.epoch, epoch_s, options)
    count = len(_rows(table, layout))
    return _Times(
        tuple(epoch_s * index for index in range(count)),
        (epoch_s,) * count,
        by_epoch=True,
        note="The table has neither times nor numbers of epochs: each row is an epoch.",
    )


def _rows(table: Table, layout: Layout) -> Sequence[tuple[int, tuple[str, ...]]]:
    return table.rows[1:] if layout.has_header else table.rows


def _cells(table: Table, layout: Layout, index: int) -> Iterator[tuple[str, str]]:
    for number, cells in _rows(table, layout):
        yield f"line {number}", cells[index] if index < len(cells) else ""


# Rows with a number.


def _by_number(
    table: Table, layout: Layout, index: int, epoch_s: float, options: StageOptions
) -> _Times:
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
    return _Times(
        tuple(epoch_s * (number - first) for number in numbers),
        (epoch_s,) * len(numbers),
        by_epoch=True,
        numbered_from=lowest if is_open else None,
    )


def _epoch_number(cell: str, where: str) -> int:
    number = number_of(cell, where)
    if number != int(number) or number < 0:
        raise StageFileError(
            "A number of an epoch is no whole number",
            where=f"{where}: “{cell[:30]}”",
            advice="Name the column “onset” if it holds seconds.",
        )
    return int(number)


# Rows with an onset.


def _by_onset(table: Table, layout: Layout, index: int) -> _Times:
    cells = list(_cells(table, layout, index))
    filled = [(where, cell) for where, cell in cells if cell.lower() not in EMPTY]
    durations_s = _durations_s(table, layout, len(cells))
    if not filled or optional_number(filled[0][1]) is not None:
        onsets_s = tuple(
            None if cell.lower() in EMPTY else number_of(cell, where) / layout.per_second
            for where, cell in cells
        )
        ends_s = _ends_s(table, layout, None)
        return _Times(onsets_s, _from_ends(onsets_s, ends_s, durations_s))
    line = timeline([clock_of(cell, where) for where, cell in filled])
    by_place = dict(zip((where for where, _ in filled), line.onsets_s, strict=True))
    clocked = tuple(by_place.get(where) for where, _ in cells)
    ends_s = _ends_s(table, layout, line.zero_clock_s)
    return _Times(
        clocked,
        _from_ends(clocked, ends_s, durations_s),
        clock_s=line.clock_s,
        may_be_elapsed=not line.has_dates,
    )


def _durations_s(table: Table, layout: Layout, count: int) -> tuple[float | None, ...]:
    if layout.duration is None:
        return (None,) * count
    return tuple(_length_s(cell, where) for where, cell in _cells(table, layout, layout.duration))


def _length_s(cell: str, where: str) -> float | None:
    """Read a duration in seconds or as 00:00:30; None where there is none."""
    if cell.lower() in EMPTY:
        return None
    clock = read_clock(cell) if ":" in cell else None
    return (clock.second if clock else number_of(cell, where)) or None


def _ends_s(table: Table, layout: Layout, zero_clock_s: float | None) -> list[float | None]:
    if layout.end is None:
        return []
    ends_s: list[float | None] = []
    for where, cell in _cells(table, layout, layout.end):
        if cell.lower() in EMPTY:
            ends_s.append(None)
        elif zero_clock_s is None:
            ends_s.append(number_of(cell, where) / layout.per_second)
        else:
            ends_s.append(clock_of(cell, where).second - zero_clock_s)
    return ends_s


def _from_ends(
    onsets_s: Sequence[float | None],
    ends_s: Sequence[float | None],
    durations_s: Sequence[float | None],
) -> tuple[float | None, ...]:
    """Give the durations that the table has, or those that follow from the ends."""
    if not ends_s:
        return tuple(durations_s)
    return tuple(
        duration_s
        if duration_s is not None or onset_s is None or end_s is None
        else (end_s - onset_s) % 86_400 or None
        for onset_s, end_s, duration_s in zip(onsets_s, ends_s, durations_s, strict=True)
    )


# Rows of a scorer.


def _by_scorer(
    table: Table, layout: Layout, times: _Times, column: StageColumn, options: StageOptions
) -> Iterator[Reading]:
    by_name: dict[str, list[Row]] = {}
    for row, scorer in _stage_rows(table, layout, times, column):
        by_name.setdefault(scorer or column.scorer, []).append(row)
    for scorer, rows in by_name.items():
        yield read_rows(
            rows,
            options,
            scorer=scorer,
            clock_s=times.clock_s,
            may_be_elapsed=times.may_be_elapsed,
            by_epoch=times.by_epoch,
            numbered_from=times.numbered_from,
        )


def _stage_rows(
    table: Table, layout: Layout, times: _Times, column: StageColumn
) -> Iterator[tuple[Row, str]]:
    for (number, cells), onset_s, duration_s in zip(
        _rows(table, layout), times.onsets_s, times.durations_s, strict=True
    ):
        where, text = f"line {number}", _cell(cells, column.index)
        if onset_s is None:
            if text.lower() not in EMPTY:
                number_of("", where)
            continue
        channel = _cell(cells, layout.channel)
        yield Row(onset_s, duration_s, text, where, channel), _cell(cells, layout.scorer)[:60]


def _cell(cells: Sequence[str], index: int | None) -> str:
    return cells[index] if index is not None and index < len(cells) else ""


FORMAT = StageFormat(
    id="table",
    title="Table (csv, tsv)",
    suffixes=(".csv", ".tsv", ".txt"),
    recognises=_recognises,
    read=_read,
    reads="A column of stages (several are several scorers), and a column of epoch numbers, or of"
    " onsets in seconds or as times of day, with durations or ends; other events between the"
    " stages. MNE annotations, BIDS events, yasa and spreadsheets, with a decimal comma between"
    " semicolons.",
    refuses="Onsets in samples, and tables without a column of stages.",
    description="https://bids-specification.readthedocs.io/en/stable/modality-specific-files/"
    "events.html",
    is_general=True,
)
