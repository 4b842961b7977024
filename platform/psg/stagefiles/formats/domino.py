"""Somnomedics Domino: the sleep profile as text, in German or English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import dropwhile

from psg.errors import StageFileError
from psg.stagefiles.clocks import Timeline, clock_of, days_of_start, read_clock, timeline
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, number_of
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows

_HEADER_LINES = 20
_RATE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(m?s)")
_STARTS = ("start time", "startzeit")
# The header lists the artefact, which is no stage, under its full name; rows may have its letter.
_WORDS = dict.fromkeys(("a", "artefakt", "artefact", "artifact"), "unscored")


def _header(content: Content) -> dict[str, str]:
    pairs = (
        line.partition(":") for line in first_lines(content)[:_HEADER_LINES] if ";" not in line
    )
    return {name.strip().lower(): value.strip() for name, mark, value in pairs if mark}


def _recognises(content: Content) -> bool:
    return "signal id" in _header(content)


def _read(content: Content, options: StageOptions) -> StageFile:
    header = _header(content)
    if "profil" not in header.get("signal id", "").lower():
        raise StageFileError(
            "This file of Domino holds another analysis, and no sleep profile",
            where=f"Signal ID: {header.get('signal id', '')[:40]}",
            advice="Export the sleep profile: Schlafprofil.txt, or Sleep profile.txt.",
        )
    lines = list(_rows(content.lines))
    line = timeline([clock_of(cells[0], where) for where, cells in lines])
    duration_s = _rate_s(header.get("rate", ""))
    rows = [
        Row(onset_s, duration_s, _WORDS.get(text.lower(), text), where=where, is_stage=True)
        for (where, (_, text)), onset_s in zip(lines, line.onsets_s, strict=True)
    ]
    reading = read_rows(rows, options, clock_s=line.zero_clock_s)
    return stage_file(FORMAT.id, [reading], options, days=line.days or _days(header, line))


def _days(header: dict[str, str], line: Timeline) -> tuple[int, ...]:
    """Return the days of the first stage by the start time in the header, which has a date."""
    start = read_clock(next((header[name] for name in _STARTS if name in header), ""))
    if start is None:
        return ()
    is_later_day = line.zero_clock_s < start.second
    return tuple(day + is_later_day for day in days_of_start([start]))


def _rows(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the time and the stage of each line below the header."""
    numbered = list(enumerate(lines, start=1))
    for number, line in dropwhile(lambda each: ";" not in each[1], numbered):
        cells = [cell.strip() for cell in line.split(";")]
        if len(cells) == 2:
            yield f"line {number}", cells
        elif line.strip():
            raise StageFileError(
                "A line is not a time and a stage",
                where=f"line {number}",
                advice="Lines should look like “22:00:30,000; N2”.",
            )


def _rate_s(text: str) -> float | None:
    """Length of an epoch from ``30 s`` or ``30000 ms``; None where the file gives none."""
    if not text:
        return None
    match = _RATE.fullmatch(text)
    if match is None:
        raise StageFileError(
            "The length of an epoch cannot be read",
            where=f"Rate: {text[:30]}",
            advice="It should look like “Rate: 30 s”.",
        )
    return number_of(match[1], "Rate") / (1000 if match[2] == "ms" else 1)


FORMAT = StageFormat(
    id="domino",
    title="Somnomedics Domino text",
    suffixes=(".txt",),
    recognises=_recognises,
    read=_read,
    reads="The sleep profile (Schlafprofil.txt) in German or English: times of day, stages, and the"
    " length of an epoch from the header.",
    refuses="The other analyses that Domino exports, such as flow events.",
    description="https://github.com/wonambi-python/wonambi",
)
