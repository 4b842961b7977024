"""Plain csv with a stage column and an epoch or onset column, and json lists of stages."""

from __future__ import annotations

import csv
import json
import math

from psg.errors import StageFileError
from psg.stagefiles.codes import CodeMap
from psg.stagefiles.entry import StageEntry
from psg.stagefiles.text import stage_on_line
from psg.stages import EPOCH_S

_STAGE_NAMES = ("stage", "sleep_stage", "label", "annotation", "description")
_EPOCH_NAMES = ("epoch", "epoch_index")
_ONSET_NAMES = ("onset_s", "onset", "start_s", "start")
_DURATION_NAMES = ("duration_s", "duration")


def read_csv_stages(text: str, code_map: CodeMap | None) -> list[StageEntry]:
    """Read a csv with a header row: ``stage``, and ``epoch`` (from 0) or ``onset_s``."""
    lines = text.splitlines()
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    reader = csv.DictReader(lines, delimiter=delimiter)
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    stage_column = _first(columns, _STAGE_NAMES)
    epoch_column = _first(columns, _EPOCH_NAMES)
    onset_column = _first(columns, _ONSET_NAMES)
    if stage_column is None or (epoch_column or onset_column) is None:
        raise StageFileError(
            "The csv lacks a stage column or an epoch or onset column",
            where=f"columns {', '.join(columns)[:120]}",
            advice="Name them stage, and epoch (counted from 0) or onset_s (seconds).",
        )
    duration_column = _first(columns, _DURATION_NAMES)
    entries = []
    for number, row in enumerate(reader, start=2):
        onset_s = (
            _number(row[onset_column], number)
            if onset_column
            else EPOCH_S * _number(row[epoch_column or ""], number)
        )
        duration_s = _number(row[duration_column], number) if duration_column else EPOCH_S
        stage_text = row[stage_column] or ""
        stage = stage_on_line(stage_text, number, code_map)
        entries.append(StageEntry(onset_s, duration_s, stage, stage_text))
    return entries


def read_json_stages(text: str, code_map: CodeMap | None) -> list[StageEntry]:
    """Read a json list with one stage or code per epoch."""
    try:
        stages = json.loads(text)
    except (ValueError, RecursionError):
        stages = None
    if not isinstance(stages, list):
        raise StageFileError(
            "The json is not a list of stages", advice="It should hold one stage per epoch."
        )
    return [
        StageEntry(EPOCH_S * index, EPOCH_S, stage_on_line(str(item), index + 1, code_map), "")
        for index, item in enumerate(stages)
    ]


def _first(columns: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)


def _number(text: str | None, line: int) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise StageFileError(
            "A number is missing or unreadable", where=f"line {line}", advice="Correct the line."
        )
    return value
