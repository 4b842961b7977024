"""Sandman Elite: the report of epochs as text."""

from __future__ import annotations

import re

from psg.errors import StageFileError
from psg.stagefiles.clocks import clock_of, timeline
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import epoch_length_s, first_lines, matched
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows

_HEADER_LINES = 40
# Date and time of the study, before the table.
_START = re.compile(
    r"(?:Study Date|Start Time|Recording Date)\s*:?\s*\d{1,2}/\d{1,2}/\d{4}"
    r"\s+\d{1,2}:\d\d:\d\d\s*[AP]M\b.*",
    re.IGNORECASE,
)
_LINE = re.compile(
    r"\s*(?P<epoch>\d{1,6})\t+\s*(?P<stage>[^\t]+?)\s*\t+\s*(?P<time>\d{1,2}:\d\d:\d\d\s*[AP]M)\s*",
    re.IGNORECASE,
)


def _table_start(content: Content) -> int | None:
    """Index of the first epoch below the header; None where the file is none of Sandman."""
    lines = first_lines(content)[:_HEADER_LINES]
    header = next(
        (index for index, line in enumerate(lines) if matched(_START, line.strip())), None
    )
    if header is None:
        return None
    return next(
        (index for index, line in enumerate(lines) if index > header and matched(_LINE, line)),
        None,
    )


def _recognises(content: Content) -> bool:
    return _table_start(content) is not None


def _read(content: Content, options: StageOptions) -> StageFile:
    start = _table_start(content) or 0
    lines = []
    for number, line in enumerate(content.lines[start:], start=start + 1):
        match = matched(_LINE, line)
        if match is not None:
            lines.append((f"line {number}", match))
        elif line.strip():
            raise StageFileError(
                "A line is not an epoch, a stage and a time",
                where=f"line {number}",
                advice="Export the epochs of the study alone.",
            )
    times = timeline([clock_of(match["time"], where) for where, match in lines])
    numbers = [int(match["epoch"]) for _, match in lines]
    epoch_s = options.epoch_s or epoch_length_s(numbers, times.onsets_s)
    rows = [
        Row(onset_s, epoch_s, match["stage"], where=where, is_stage=True)
        for (where, match), onset_s in zip(lines, times.onsets_s, strict=True)
    ]
    reading = read_rows(rows, options, clock_s=times.zero_clock_s)
    return stage_file(FORMAT.id, [reading], options, days=times.days)


FORMAT = StageFormat(
    id="sandman_text",
    title="Sandman text",
    suffixes=(".txt",),
    recognises=_recognises,
    read=_read,
    reads="The table of epochs, stages and times of day (AM or PM) below the header of the study.",
    refuses="Lines of the table that are not an epoch, a stage and a time.",
    description="https://github.com/wonambi-python/wonambi",
)
