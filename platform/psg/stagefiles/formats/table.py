"""Tables: csv and tsv with a header row."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator

from psg.errors import StageFileError
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.rows import Row, read_rows
from psg.stages import EPOCH_S

_STAGE_NAMES = ("stage", "sleep_stage", "label", "annotation", "description")
_EPOCH_NAMES = ("epoch", "epoch_index")
_ONSET_NAMES = ("onset_s", "onset", "start_s", "start")
_DURATION_NAMES = ("duration_s", "duration")


def _recognises(content: Content) -> bool:
    return content.suffix in {".csv", ".tsv"} and content.is_text


def _read(content: Content, options: StageOptions) -> StageFile:
    lines = content.lines
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    reader = csv.DictReader(lines, delimiter=delimiter)
    try:
        rows = list(_rows(reader, options))
    except csv.Error as error:
        raise StageFileError(
            f"Not a readable csv file: {error}",
            where=f"line {reader.line_num} on",
            advice="Is a quotation mark missing or out of place?",
        ) from None
    return stage_file(FORMAT.id, [read_rows(rows, options)], options)


def _rows(reader: csv.DictReader[str], options: StageOptions) -> Iterator[Row]:
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    stage_column = _first_column(columns, _STAGE_NAMES)
    epoch_column = _first_column(columns, _EPOCH_NAMES)
    onset_column = _first_column(columns, _ONSET_NAMES)
    if stage_column is None or (epoch_column or onset_column) is None:
        raise StageFileError(
            "The csv lacks a stage column or an epoch or onset column",
            where=f"columns {', '.join(columns)[:120]}",
            advice="Name them stage, and epoch (counted from 0) or onset_s (seconds).",
        )
    duration_column = _first_column(columns, _DURATION_NAMES)
    epoch_s = options.epoch_s or EPOCH_S
    for number, row in enumerate(reader, start=2):
        onset_s = (
            _cell_number(row[onset_column], number)
            if onset_column
            else epoch_s * _cell_number(row[epoch_column or ""], number)
        )
        duration_s = _cell_number(row[duration_column], number) if duration_column else epoch_s
        yield Row(onset_s, duration_s, row[stage_column] or "", where=f"line {number}")


def _first_column(columns: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)


def _cell_number(text: str | None, line: int) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise StageFileError(
            "A number is missing, unreadable or not finite",
            where=f"line {line}",
            advice="Correct the line.",
        )
    return value


FORMAT = StageFormat(
    id="table",
    title="Table (csv, tsv)",
    suffixes=(".csv", ".tsv"),
    recognises=_recognises,
    read=_read,
    reads="A header row with stage, and epoch or onset_s.",
    refuses="Tables without these columns.",
    is_general=True,
)
