"""Text files: one stage a line (yasa), or stage and cumulative end in seconds (Visbrain)."""

from __future__ import annotations

import math

from psg.errors import StageFileError, UnknownStageTextError
from psg.stagefiles.codes import CodeMap, stage_of
from psg.stagefiles.entry import StageEntry
from psg.stages import EPOCH_S, Stage


def read_text_stages(text: str, code_map: CodeMap | None) -> list[StageEntry]:
    """Read stages from lines; lines that start with ``*`` or ``#`` describe the file."""
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith(("*", "#"))
    ]
    # Visbrain has two columns, a name and a time; "Sleep stage N2" ends in no number > 5.
    if lines and all(_end_s(line) is not None for _, line in lines):
        return _visbrain(lines, code_map)
    return [
        StageEntry(EPOCH_S * index, EPOCH_S, stage_on_line(line, number, code_map), line)
        for index, (number, line) in enumerate(lines)
    ]


def stage_on_line(text: str, number: int, code_map: CodeMap | None) -> Stage | None:
    """Read one stage and name the line when it cannot be read."""
    try:
        return stage_of(text, code_map)
    except UnknownStageTextError as error:
        raise UnknownStageTextError(
            error.what, where=f"line {number}", advice=error.advice
        ) from None


def _end_s(line: str) -> float | None:
    name, _, last = line.replace("\t", " ").rpartition(" ")
    try:
        end_s = float(last)
    except ValueError:
        return None
    is_time = math.isfinite(end_s) and name.strip().lower() not in {"sleep stage", "stage", ""}
    return end_s if is_time else None


def _visbrain(lines: list[tuple[int, str]], code_map: CodeMap | None) -> list[StageEntry]:
    entries: list[StageEntry] = []
    onset_s = 0.0
    for number, line in lines:
        name = line.replace("\t", " ").rpartition(" ")[0].strip()
        end_s = _end_s(line) or 0.0
        if end_s <= onset_s:
            raise StageFileError(
                "The end times do not increase",
                where=f"line {number}",
                advice="Each line should hold a stage and the second at which it ends.",
            )
        stage = stage_on_line(name, number, code_map)
        entries.append(StageEntry(onset_s, end_s - onset_s, stage, name))
        onset_s = end_s
    return entries
