"""Philips Alice: epochs with times of day as text."""

from __future__ import annotations

import re

from psg.errors import StageFileError
from psg.stagefiles.clocks import clock_of, timeline
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import epoch_length_s, first_lines, matched
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows

# The epoch, a time with AM or PM, and the stage; WK for wake is written by no other program.
_LINE = re.compile(
    r"\s*(?P<epoch>\d{1,6})\s*[,;\t ]\s*(?P<time>\d{1,2}:\d\d:\d\d\s*[AaPp][Mm])"
    r"\s*[,;\t ]\s*(?P<stage>\S+)\s*"
)


def _matches(lines: list[str]) -> list[tuple[str, re.Match[str] | None]]:
    return [
        (f"line {number}", matched(_LINE, line))
        for number, line in enumerate(lines[1:], start=2)
        if line.strip()
    ]


def _recognises(content: Content) -> bool:
    lines = first_lines(content)
    if not lines or not lines[0].strip().lower().startswith("epoch"):
        return False
    return any(match and match["stage"].upper() == "WK" for _, match in _matches(lines))


def _read(content: Content, options: StageOptions) -> StageFile:
    lines = []
    for where, match in _matches(content.lines):
        if match is None:
            raise StageFileError(
                "A line is not an epoch, a time and a stage",
                where=where,
                advice="Lines should look like “1, 10:22:30 PM, WK”.",
            )
        lines.append((where, match))
    line = timeline([clock_of(match["time"], where) for where, match in lines])
    numbers = [int(match["epoch"]) for _, match in lines]
    epoch_s = options.epoch_s or epoch_length_s(numbers, line.onsets_s)
    rows = [
        Row(onset_s, epoch_s, match["stage"], where=where, is_stage=True)
        for (where, match), onset_s in zip(lines, line.onsets_s, strict=True)
    ]
    reading = read_rows(rows, options, clock_s=line.zero_clock_s)
    return stage_file(FORMAT.id, [reading], options, days=line.days)


FORMAT = StageFormat(
    id="alice_text",
    title="Philips Alice text",
    suffixes=(".txt", ".csv"),
    recognises=_recognises,
    read=_read,
    reads="Epochs with times of day (AM or PM) and stages WK, N1, N2, N3, REM.",
    refuses="Lines that are not an epoch, a time and a stage.",
    description="https://github.com/wonambi-python/wonambi",
)
