"""Compumedics text: one letter or number for each epoch."""

from __future__ import annotations

from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stages import EPOCH_S

_LETTERS = set("W1234R?M")


def _letters(lines: list[str]) -> list[str]:
    letters = [line.strip().upper() for line in lines]
    while letters and not letters[-1]:
        letters.pop()
    return letters


def _recognises(content: Content) -> bool:
    """Letters for wake or REM beside numbers: then a number can only be a stage of sleep.

    What 4 means is left open where no letter stands for REM.
    """
    letters = set(_letters(first_lines(content)))
    return letters <= _LETTERS and bool(letters & {"W", "R"}) and bool(letters & set("1234"))


def _read(content: Content, options: StageOptions) -> StageFile:
    epoch_s = options.epoch_s or EPOCH_S
    rows = [
        Row(epoch_s * index, epoch_s, letter, f"line {index + 1}", is_stage=True)
        for index, letter in enumerate(_letters(content.lines))
    ]
    reading = read_rows(rows, options, by_epoch=True)
    return stage_file(FORMAT.id, [reading], options)


FORMAT = StageFormat(
    id="compumedics_text",
    title="Compumedics text",
    suffixes=(".txt",),
    recognises=_recognises,
    read=_read,
    reads="One of W, 1, 2, 3, 4, R, M and ? on each line, for each epoch from the first.",
    refuses="Numbers alone: what they mean must be said.",
    description="https://github.com/wonambi-python/wonambi",
)
