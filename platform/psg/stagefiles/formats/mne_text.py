"""Annotations as MNE saves them in a text: ``# onset, duration, description``."""

from __future__ import annotations

import re

from psg.errors import StageFileError
from psg.stagefiles.clocks import days_of_start, read_clock
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, number_of
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows

_MARK = "# MNE-Annotations"
_ORIGIN = re.compile(r"# orig_time\s*:\s*(.+)")


def _recognises(content: Content) -> bool:
    return next(iter(first_lines(content)), "").strip() == _MARK


def _read(content: Content, options: StageOptions) -> StageFile:
    clock_s: float | None = None
    days: tuple[int, ...] = ()
    rows = []
    for number, line in enumerate(content.lines, start=1):
        origin = _ORIGIN.match(line)
        if origin and (clock := read_clock(origin[1])):
            clock_s, days = clock.second, days_of_start([clock])
        if line.strip() and not line.startswith("#"):
            rows.append(_row(line, f"line {number}"))
    reading = read_rows(rows, options, clock_s=clock_s)
    return stage_file(FORMAT.id, [reading], options, days=days)


def _row(line: str, where: str) -> Row:
    # A fourth column has the channels of an annotation; a description may have commas.
    cells = line.split(",", maxsplit=2)
    if len(cells) < 3:
        raise StageFileError(
            "A line has no onset, duration and description", where=where, advice="Save it again."
        )
    onset_s, duration_s = number_of(cells[0], where), number_of(cells[1], where)
    return Row(onset_s, duration_s or None, cells[2].strip(), where)


FORMAT = StageFormat(
    id="mne_text",
    title="MNE annotations (txt)",
    suffixes=(".txt",),
    recognises=_recognises,
    read=_read,
    reads="Onset, duration and description, counted from orig_time.",
    refuses="Lines with fewer columns.",
    description="https://mne.tools/stable/generated/mne.Annotations.html",
)
