"""The csv files of the STAGES study: start time, duration and event."""

from __future__ import annotations

import re

from psg.errors import StageFileError
from psg.stagefiles.clocks import clock_of, timeline
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, matched, number_of
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows

_HEADER = ["start time", "duration (seconds)", "event"]
_STAGE = re.compile(r"(?:stage\s?([1-4])|(wake)|(rem)|(unknown\s?stage))", re.IGNORECASE)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split(",", maxsplit=2)]


def _recognises(content: Content) -> bool:
    first = next(iter(first_lines(content)), "")
    return [cell.lower() for cell in _cells(first)] == _HEADER


def _read(content: Content, options: StageOptions) -> StageFile:
    lines = [
        (f"line {number}", _cells(line))
        for number, line in enumerate(content.lines[1:], start=2)
        if line.strip(" ,")
    ]
    for where, cells in lines:
        if len(cells) < len(_HEADER):
            raise StageFileError(
                "A line has fewer columns than the first", where=where, advice="Export it again."
            )
    line = timeline([clock_of(cells[0], where) for where, cells in lines])
    rows = [
        _row(where, onset_s, number_of(duration, where), event)
        for (where, (_, duration, event)), onset_s in zip(lines, line.onsets_s, strict=True)
    ]
    reading = read_rows(rows, options, clock_s=line.zero_clock_s)
    return stage_file(FORMAT.id, [reading], options, days=line.days)


def _row(where: str, onset_s: float, duration_s: float, event: str) -> Row:
    match = matched(_STAGE, event)
    if match is None:
        return Row(onset_s, duration_s, event, where=where)
    text = f"Stage {match[1]}" if match[1] else "unknown" if match[4] else event
    return Row(onset_s, duration_s, text, where=where, is_stage=True)


FORMAT = StageFormat(
    id="stages_csv",
    title="STAGES csv",
    suffixes=(".csv",),
    recognises=_recognises,
    read=_read,
    reads="Wake, Stage1 to Stage3, REM and UnknownStage with their durations, and other events, by"
    " the start times.",
    refuses="Rows over the time of a stage whose text is not known.",
    description="https://sleepdata.org/datasets/stages",
)
