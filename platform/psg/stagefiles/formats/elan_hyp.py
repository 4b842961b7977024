"""ELAN .hyp, which Visbrain writes too: a header and one integer for each piece of time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from psg.errors import StageFileError
from psg.stagefiles.codes import CODE_MAPS, CodeMap
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines, matched, number_of
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows

_HEADER = ("time_base", "sampling_period", "epoch_nb", "epoch_list")
_CODE = re.compile(r"\s*[+-]?\d+\s*")
# Sleep stages of R&K; negative codes are artefacts and unscored time.
_CODES: CodeMap = {**CODE_MAPS["profusion"], -1: None, -2: None}


def _recognises(content: Content) -> bool:
    names = [(line.split() or [""])[0].lower() for line in first_lines(content)[: len(_HEADER)]]
    return tuple(names) == _HEADER


def _read(content: Content, options: StageOptions) -> StageFile:
    lines = content.lines
    step_s = number_of(lines[0].split()[-1], "time_base")
    if step_s <= 0:
        raise StageFileError(
            "The length of an epoch is not above zero", where="time_base", advice="Export it again."
        )
    rows = list(_stretches(lines[len(_HEADER) :], step_s))
    return stage_file(FORMAT.id, [read_rows(rows, options, codes=_CODES)], options)


def _stretches(lines: list[str], step_s: float) -> Iterator[Row]:
    """Join equal codes, since a stage may be written once a second."""
    codes = [line.strip() for line in lines if line.strip()]
    start = 0
    for code, group in groupby(codes):
        count = sum(1 for _ in group)
        if matched(_CODE, code) is None:
            raise StageFileError(
                "A line is no integer", where=f"line {start + 5}", advice="Export it again."
            )
        yield Row(step_s * start, step_s * count, code, where=f"line {start + 5}", is_stage=True)
        start += count


FORMAT = StageFormat(
    id="elan_hyp",
    title="ELAN and Visbrain .hyp",
    suffixes=(".hyp",),
    recognises=_recognises,
    read=_read,
    reads="The list of codes (0-5, negative for artefacts), each for the time of the header.",
    refuses="Lines that are no integers, and codes outside of 0-5.",
    description="https://visbrain.org/sleep.html",
)
