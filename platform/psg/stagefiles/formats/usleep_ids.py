"""U-Sleep .ids: onset, duration and stage, without a first line of names."""

from __future__ import annotations

import re

from psg.errors import StageFileError
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, matched, number_of
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.pieces import are_ends
from psg.stagefiles.rows import Row, read_rows

_LINE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*,\s*([^,]*[^\s,\d.][^,]*?)\s*")
_WORDS = {"OUT_OF_BOUNDS": "unscored", "UNKNOWN": "unknown"}


def _recognises(content: Content) -> bool:
    """Lines of two numbers and a text, of which the second is the length of a stage."""
    lines = [matched(_LINE, line) for line in first_lines(content) if line.strip()]
    pairs = [(float(line[1]), float(line[2])) for line in lines if line is not None]
    return 0 < len(lines) == len(pairs) and are_ends(pairs) is False


def _read(content: Content, options: StageOptions) -> StageFile:
    rows = []
    for number, line in enumerate(content.lines, start=1):
        match = matched(_LINE, line)
        if match is not None:
            where, text = f"line {number}", match[3]
            onset_s, duration_s = number_of(match[1], where), number_of(match[2], where)
            rows.append(
                Row(onset_s, duration_s, _WORDS.get(text.upper(), text), where=where, is_stage=True)
            )
        elif line.strip():
            raise StageFileError(
                "A line is not an onset, a duration and a stage",
                where=f"line {number}",
                advice="Lines should look like “90,30,N2”.",
            )
    reading = read_rows(rows, options)
    return stage_file(FORMAT.id, [reading], options)


FORMAT = StageFormat(
    id="usleep_ids",
    title="U-Sleep .ids",
    suffixes=(".ids",),
    recognises=_recognises,
    read=_read,
    reads="Lines of onset and duration in seconds from the start of the recording, and a stage.",
    refuses="Lines of any other form.",
    description="https://github.com/perslev/U-Time",
)
