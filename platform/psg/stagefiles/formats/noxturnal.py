"""Noxturnal: the list of events as csv, with column names and events in the user's language."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from psg.errors import StageFileError
from psg.stagefiles.clocks import Timeline, clock_of, read_clock, span_timeline, timeline
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, number_of
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.words import folded

_START = {
    *("start time", "heure de debut", "startzeit", "beginn", "anfangszeit", "hora de inicio"),
    *("hora inicial", "ora di inizio", "ora inizio", "starttijd", "begintijd", "starttid"),
}
_END = {
    *("end time", "heure de fin", "endzeit", "ende", "hora de fin", "hora de finalizacion"),
    *("hora final", "hora de termino", "ora di fine", "ora fine", "eindtijd", "sluttid"),
}
_EVENT = {"event", "evenement", "ereignis", "evento", "gebeurtenis", "handelse", "hendelse"}
_DURATION = {"duration", "duree", "dauer", "duracion", "durata", "duur", "duracao", "varighet"}


@dataclass(frozen=True)
class _Columns:
    start: int
    event: int
    end: int | None
    duration: int | None
    delimiter: str


def _columns(content: Content) -> _Columns | None:
    header = next(iter(first_lines(content)), "")
    delimiter = max(",;\t", key=header.count)
    names = [folded(cell.strip('"')) for cell in header.split(delimiter)]
    start, event, end, duration = (
        _find(names, known) for known in (_START, _EVENT, _END, _DURATION)
    )
    if start is None or event is None or (end is None and duration is None):
        return None
    return _Columns(start, event, end, duration, delimiter)


def _find(names: list[str], known: set[str]) -> int | None:
    return next((index for index, name in enumerate(names) if name in known), None)


def _recognises(content: Content) -> bool:
    columns = _columns(content)
    if columns is None:
        return False
    # Below the names stand the units: "[],[],[],[s]".
    first = next(
        (cells for cells in _cells(first_lines(content)[1:10], columns) if not _is_units(cells)), []
    )
    clock = read_clock(first[columns.start]) if len(first) > columns.start else None
    return clock is not None and bool(clock.date)


def _cells(lines: list[str], columns: _Columns) -> list[list[str]]:
    try:
        return [
            [cell.strip() for cell in cells]
            for cells in csv.reader(lines, delimiter=columns.delimiter)
        ]
    except csv.Error as error:
        raise StageFileError(
            f"Not a readable csv file: {error}",
            advice="Check the quotation marks.",
        ) from None


def _is_units(cells: list[str]) -> bool:
    return all(cell == "" or (cell.startswith("[") and cell.endswith("]")) for cell in cells)


def _read(content: Content, options: StageOptions) -> StageFile:
    columns = _columns(content)
    if columns is None:
        raise StageFileError(
            "The file has no columns of Noxturnal",
            advice="It should have a start time, an end time or a duration, and an event.",
        )
    lines = [
        (f"row {number}", cells)
        for number, cells in enumerate(_cells(content.lines[1:], columns), start=2)
        if not _is_units(cells)
    ]
    for where, cells in lines:
        if len(cells) <= max(columns.start, columns.event, columns.end or 0, columns.duration or 0):
            raise StageFileError(
                "A row has fewer columns than the first",
                where=where,
                advice="Export the events again.",
            )
    starts = [clock_of(cells[columns.start], where) for where, cells in lines]
    if columns.end is None:
        line = timeline(starts)
    else:
        line = span_timeline(
            starts, [clock_of(cells[columns.end], where) for where, cells in lines]
        )
    rows = [
        Row(onset_s, duration_s, cells[columns.event], where=where)
        for (where, cells), onset_s, duration_s in zip(
            lines, line.onsets_s, _durations_s(lines, columns, line), strict=True
        )
    ]
    reading = read_rows(rows, options, clock_s=line.zero_clock_s)
    return stage_file(FORMAT.id, [reading], options, days=line.days)


def _durations_s(
    lines: list[tuple[str, list[str]]], columns: _Columns, line: Timeline
) -> list[float]:
    if columns.end is None:
        return [number_of(cells[columns.duration or 0], where) for where, cells in lines]
    return [
        max(end_s - onset_s, 0.0) for onset_s, end_s in zip(line.onsets_s, line.ends_s, strict=True)
    ]


FORMAT = StageFormat(
    id="noxturnal",
    title="Noxturnal csv",
    suffixes=(".csv", ".txt"),
    recognises=_recognises,
    read=_read,
    reads="The list of events in English, French, German, Spanish, Italian, Portuguese or Dutch, in"
    " UTF-8 or UTF-16, by the start and end times with dates.",
    refuses="Rows over the time of a stage whose text is not known.",
    description="https://github.com/boupetch/rsleep",
)
