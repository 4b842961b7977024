"""The formats of stage files, a module each. A new format is its module and its entry here."""

from __future__ import annotations

from psg.stagefiles.format import StageFormat
from psg.stagefiles.formats import (
    edf_annotations,
    json_list,
    lines,
    nsrr,
    profusion,
    table,
    visbrain,
)

ALL: tuple[StageFormat, ...] = (
    edf_annotations.FORMAT,
    nsrr.FORMAT,
    profusion.FORMAT,
    visbrain.FORMAT,
    table.FORMAT,
    json_list.FORMAT,
    lines.FORMAT,
)
