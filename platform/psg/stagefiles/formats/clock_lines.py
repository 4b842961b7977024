"""Text with a time of day and a stage on each line, perhaps after the number of the epoch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import dropwhile, takewhile

from psg.errors import StageFileError
from psg.stagefiles.clocks import clock_of, timeline
from psg.stagefiles.columnnames import EPOCH, ONSET, STAGE, column_name
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import epoch_length_s, first_lines, matched
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.words import stage_word

_LINE = re.compile(
    r"\s*(?:(?P<epoch>\d{1,6})\s*[,;\t ]\s*)?"
    r"(?P<clock>(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[T\s,]\s*)?"
    r"\d{1,2}[:.]\d\d[:.]\d\d(?:[.,]\d{1,6})?(?:\s*[ap]\.?m\.?)?)"
    r"\s*[;,\t ]\s*(?P<text>[^\s,;][^,;\t]*)",
    re.IGNORECASE,
)
_TABLES = {".csv", ".tsv"}
# Lines at the top that describe the study.
_HEADER_LINES = 40


def _matches(lines: list[str]) -> Iterator[tuple[str, re.Match[str] | None]]:
    """Yield the lines from the first one with a time of day on, without empty ones."""
    numbered = enumerate(lines, start=1)
    for number, line in dropwhile(lambda each: matched(_LINE, each[1]) is None, numbered):
        if line.strip():
            yield f"line {number}", matched(_LINE, line)


def _recognises(content: Content) -> bool:
    if content.suffix in _TABLES:
        return False
    lines = first_lines(content)
    if _has_names(lines):
        return False
    found = [match for _, match in _matches(lines)]
    is_list = len(found) > 1 and None not in found and len(lines) - len(found) <= _HEADER_LINES
    return is_list and any(match and stage_word(match["text"]) for match in found)


def _has_names(lines: list[str]) -> bool:
    """Whether the names of columns stand above the times: then it is a table."""
    above = [line for line in takewhile(lambda line: matched(_LINE, line) is None, lines) if line]
    cells = re.split(r"[\t;,]", above[-1]) if above else []
    names = {column_name(cell).plain for cell in cells}
    return bool(names & STAGE and names & (ONSET | EPOCH))


def _read(content: Content, options: StageOptions) -> StageFile:
    lines = []
    for where, match in _matches(content.lines):
        if match is None:
            raise StageFileError(
                "A line is not a time of day and a stage",
                where=where,
                advice="Lines should look like “22:00:30 N2”.",
            )
        lines.append((where, match))
    line = timeline([clock_of(match["clock"], where) for where, match in lines])
    duration_s = None
    if all(match["epoch"] for _, match in lines):
        numbers = [int(match["epoch"]) for _, match in lines]
        duration_s = options.epoch_s or epoch_length_s(numbers, line.onsets_s)
    rows = [
        Row(onset_s, duration_s, match["text"], where=where)
        for (where, match), onset_s in zip(lines, line.onsets_s, strict=True)
    ]
    reading = read_rows(rows, options, clock_s=line.clock_s, may_be_elapsed=not line.has_dates)
    return stage_file(
        FORMAT.id,
        [reading],
        options,
        notes=_header_notes(content.lines),
        days=line.days,
    )


def _header_notes(lines: list[str]) -> list[str]:
    """Say that lines above the first time of day were passed over."""
    above = takewhile(lambda line: matched(_LINE, line) is None, lines)
    count = sum(1 for line in above if line.strip())
    return [f"Lines without a time of day at the top of the file: {count}."] if count else []


FORMAT = StageFormat(
    id="clock_lines",
    title="Text, a time of day and a stage a line",
    suffixes=(".txt",),
    recognises=_recognises,
    read=_read,
    reads="Times of day with a stage or another event, with or without the number of the epoch,"
    " below lines that describe the study.",
    refuses="Lines below the first one with a time that have none.",
    is_general=True,
)
