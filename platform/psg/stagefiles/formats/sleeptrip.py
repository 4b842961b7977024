"""SleepTrip and SpiSOP: a stage and a mark for excluded epochs on each line."""

from __future__ import annotations

import re
from itertools import pairwise

from psg.stagefiles.codes import code_of
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, matched
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.words import stage_word
from psg.stages import EPOCH_S

_LINE = re.compile(r"\s*(?P<stage>[^\s,;]*)(?:\s*[,;\t]\s*|\s+)(?P<excluded>[01])\s*")


def _matches(lines: list[str]) -> list[re.Match[str]]:
    """The stage and the mark of each line; none where a line has another form."""
    matches = [matched(_LINE, line) for line in lines if line.strip()]
    found = [match for match in matches if match is not None]
    return found if len(found) == len(matches) else []


def _recognises(content: Content) -> bool:
    stages = [match["stage"] for match in _matches(first_lines(content))]
    codes = [code_of(stage) for stage in stages]
    if any(
        code is None and stage_word(stage) is None
        for code, stage in zip(codes, stages, strict=True)
    ):
        return False
    # Numbers that only rise count the epochs of another table.
    numbers = [code for code in codes if code is not None]
    return len(stages) > 1 and not (
        len(numbers) == len(stages) and all(after > each for each, after in pairwise(numbers))
    )


def _read(content: Content, options: StageOptions) -> StageFile:
    epoch_s = options.epoch_s or EPOCH_S
    rows = []
    for index, match in enumerate(_matches(content.lines)):
        onset_s, where = epoch_s * index, f"line {index + 1}"
        rows.append(Row(onset_s, epoch_s, match["stage"], where=where, is_stage=True))
        if match["excluded"] == "1":
            rows.append(Row(onset_s, epoch_s, "artefact", where=where, is_stage=False))
    return stage_file(FORMAT.id, [read_rows(rows, options, by_epoch=True)], options)


FORMAT = StageFormat(
    id="sleeptrip",
    title="SleepTrip and SpiSOP",
    suffixes=(".csv", ".txt", ".tsv"),
    recognises=_recognises,
    read=_read,
    reads="A name or a code and 0 or 1 (excluded) for each epoch; excluded epochs keep their stage"
    " and are marked as artefacts.",
    refuses="Integers without a declared meaning.",
    description="https://github.com/Frederik-D-Weber/sleeptrip",
)
