"""Visbrain's text: a stage and the second at which it ends on each line."""

from __future__ import annotations

import math

from psg.errors import StageFileError
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.formats.lines import stage_lines
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows


def _recognises(content: Content) -> bool:
    if not content.is_text:
        return False
    lines = [line for _, line in stage_lines(content)]
    return bool(lines) and all(_end_s(line) is not None for line in lines)


def _end_s(line: str) -> float | None:
    name, _, last = line.replace("\t", " ").rpartition(" ")
    try:
        end_s = float(last)
    except ValueError:
        return None
    # "Sleep stage 2" ends in a number too.
    is_time = math.isfinite(end_s) and name.strip().lower() not in {"sleep stage", "stage", ""}
    return end_s if is_time else None


def _read(content: Content, options: StageOptions) -> StageFile:
    rows: list[Row] = []
    onset_s = 0.0
    for number, line in stage_lines(content):
        name = line.replace("\t", " ").rpartition(" ")[0].strip()
        end_s = _end_s(line) or 0.0
        if end_s <= onset_s:
            raise StageFileError(
                "The end times do not increase",
                where=f"line {number}",
                advice="Each line should hold a stage and the second at which it ends.",
            )
        rows.append(Row(onset_s, end_s - onset_s, name, where=f"line {number}", is_stage=True))
        onset_s = end_s
    return stage_file(FORMAT.id, [read_rows(rows, options)], options)


FORMAT = StageFormat(
    id="visbrain",
    title="Visbrain text",
    suffixes=(".txt",),
    recognises=_recognises,
    read=_read,
    reads="Lines with a stage and the second at which it ends.",
    refuses="End times that do not increase.",
    description="https://visbrain.org/sleep.html",
)
