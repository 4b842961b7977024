"""RemLogic text, as Embla, the CAP Sleep Database and the Dreem headband export it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psg.errors import StageFileError
from psg.stagefiles.clocks import clock_of, timeline
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, matched, number_of, optional_number
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.words import folded

# Columns have names in the language of the program: "Time [hh:mm:ss]", "Heure [hh:mm:ss.xxx]".
_TIME = re.compile(r".*\[hh:mm:ss[^\]]*\]")
_DELIMITERS = ("\t", ";", ",")
_EVENT = re.compile(r"event|evenement|ereignis|evento|gebeurtenis")
_DURATION = re.compile(r".*\[\s*s(?:ec)?\s*\]")
# Names that begin like stages and are none: spindles and rapid eye movements.
_NO_STAGES = {"SLEEP-SPINDLE", "SLEEP-SPINDLES", "SLEEP-RM", "SLEEP-KCOMPLEX"}


@dataclass(frozen=True)
class _Columns:
    header: int
    delimiter: str
    time: int
    event: int
    duration: int

    @property
    def location(self) -> int:
        """The column after the others, which some exports have."""
        return max(self.time, self.event, self.duration) + 1


def is_stage_event(name: str) -> bool:
    """Whether an event of Embla or RemLogic is a stage: SLEEP-S0, SLEEP-REM, SLEEP-MT ..."""
    return name.upper().startswith("SLEEP-") and name.upper() not in _NO_STAGES


def _columns(lines: list[str]) -> _Columns | None:
    for index, line in enumerate(lines):
        for delimiter in filter(line.__contains__, _DELIMITERS):
            names = [cell.strip(' "') for cell in line.split(delimiter)]
            time, duration = (_find(names, pattern) for pattern in (_TIME, _DURATION))
            if time is None or duration is None:
                continue
            event = _find([folded(name) for name in names], _EVENT)
            if event is not None:
                return _Columns(index, delimiter, time, event, duration)
    return None


def _find(names: list[str], pattern: re.Pattern[str]) -> int | None:
    return next((index for index, name in enumerate(names) if matched(pattern, name)), None)


def _recognises(content: Content) -> bool:
    return _columns(first_lines(content)) is not None


def _read(content: Content, options: StageOptions) -> StageFile:
    columns = _columns(first_lines(content))
    if columns is None:
        raise StageFileError(
            "The file has no columns of RemLogic",
            advice="It should have columns such as Time [hh:mm:ss], Event, Duration[s].",
        )
    start = columns.header + 1
    lines = [
        (f"line {number}", [cell.strip(' "') for cell in line.split(columns.delimiter)])
        for number, line in enumerate(content.lines[start:], start=start + 1)
        if line.strip()
    ]
    for where, cells in lines:
        if len(cells) < columns.location:
            raise StageFileError(
                "A line has fewer columns than the first",
                where=where,
                advice="Export the events again.",
            )
    line = timeline([clock_of(cells[columns.time], where) for where, cells in lines])
    rows = [
        _row(where, cells, onset_s, columns)
        for (where, cells), onset_s in zip(lines, line.onsets_s, strict=True)
    ]
    reading = read_rows(rows, options, clock_s=line.zero_clock_s)
    return stage_file(FORMAT.id, [reading], options, days=line.days)


def _row(where: str, cells: list[str], onset_s: float, columns: _Columns) -> Row:
    name, duration = cells[columns.event], cells[columns.duration]
    is_stage = is_stage_event(name)
    return Row(
        onset_s,
        number_of(duration, where) if is_stage else optional_number(duration) or 0.0,
        name,
        where=where,
        channel=cells[columns.location] if len(cells) > columns.location else "",
        is_stage=is_stage,
    )


FORMAT = StageFormat(
    id="remlogic",
    title="RemLogic text (Embla, CAP Sleep Database, Dreem)",
    suffixes=(".txt", ".csv"),
    recognises=_recognises,
    read=_read,
    reads="Events SLEEP-S0 to SLEEP-S4, SLEEP-REM, SLEEP-MT and SLEEP-UNSCORED as stages, all"
    " others as events, by the times of day, with column names in any language.",
    refuses="Events SLEEP-... that are no known stage, and lines without a time of day.",
    description="https://physionet.org/content/capslpdb/1.0.0/",
)
