"""Hypnograms of the DREAMS databases: ``[Hypnogram]``, then an R&K code for every 5 s."""

from __future__ import annotations

from psg.errors import StageFileError
from psg.stagefiles.codes import CODE_MAPS
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import first_lines
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.pieces import RK_EPOCH_S
from psg.stagefiles.rows import Row, read_rows

_CODE_S = 5.0
_CODES_IN_EPOCH = round(RK_EPOCH_S / _CODE_S)


def _recognises(content: Content) -> bool:
    return next(iter(first_lines(content)), "").strip().lower() == "[hypnogram]"


def _read(content: Content, options: StageOptions) -> StageFile:
    lines = [(n, line.strip()) for n, line in enumerate(content.lines, start=1) if line.strip()]
    codes = lines[1:]
    rows = []
    for first in range(0, len(codes), _CODES_IN_EPOCH):
        epoch = codes[first : first + _CODES_IN_EPOCH]
        where = f"line {epoch[0][0]}"
        if len({code for _, code in epoch}) > 1:
            raise StageFileError(
                "The stage changes within an epoch of 20 s",
                where=where,
                advice="An epoch should have four equal codes, one for every 5 s.",
            )
        rows.append(
            Row(_CODE_S * first, _CODE_S * len(epoch), epoch[0][1], where=where, is_stage=True)
        )
    return stage_file(FORMAT.id, [read_rows(rows, options, codes=CODE_MAPS["dreams"])], options)


FORMAT = StageFormat(
    id="dreams",
    title="DREAMS hypnogram",
    suffixes=(".txt",),
    recognises=_recognises,
    read=_read,
    reads="A line [Hypnogram], then a code for every 5 s in R&K epochs of 20 s; 5 is wake, 4 REM, 0"
    " stage 4.",
    refuses="Codes that change within an epoch.",
    description="https://zenodo.org/records/2650142",
)
