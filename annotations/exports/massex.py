"""MASS-EX tables: fine with rationales, coarse without, and the sidecar that keeps the times.

Cells are never altered. The same tables are written a second time in a form that spreadsheets
open without running anything: there a cell that would start a formula gets an apostrophe.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from annotations.exports.rows import ExportRow
from psg.lights import Lights
from psg.massex import (
    COARSE_COLUMNS,
    EPOCHS_COLUMNS,
    FINE_COLUMNS,
    FORMULA_STARTS,
    LIGHTS_COLUMNS,
    custom_id,
)

Cells = tuple[str | int | float, ...]


@dataclass(frozen=True)
class Table:
    """Columns and rows of one csv file."""

    columns: Sequence[str]
    rows: Sequence[Cells]


def fine_table(subject: str, rows: Sequence[ExportRow]) -> Table:
    return Table(FINE_COLUMNS, list(_fine_cells(subject, rows)))


def coarse_table(subject: str, rows: Sequence[ExportRow]) -> Table:
    return Table(COARSE_COLUMNS, [(*c[:4], c[5]) for c in _fine_cells(subject, rows)])


def epochs_table(subject: str, rows: Sequence[ExportRow]) -> Table:
    """Return the sidecar of one night; an epoch that was left out has an empty N."""
    cells: list[Cells] = [
        (
            subject,
            "" if row.number is None else row.number,
            row.epoch,
            _seconds(row.onset_s),
            row.source_text,
        )
        for row in rows
    ]
    return Table(EPOCHS_COLUMNS, cells)


def lights_table(subject: str, *, own: Lights, recording: Lights) -> Table:
    """Return the bounds of the time in bed of one night, and whose marks they are."""
    off, off_from = _mark(own.off_s, recording.off_s)
    on, on_from = _mark(own.on_s, recording.on_s)
    return Table(LIGHTS_COLUMNS, [(subject, off, on, off_from, on_from)])


def _mark(own_s: float | None, recording_s: float | None) -> tuple[str, str]:
    if own_s is not None:
        return _seconds(own_s), "scorer"
    return ("", "") if recording_s is None else (_seconds(recording_s), "recording")


def _seconds(value_s: float) -> str:
    return f"{value_s:.6f}".rstrip("0").rstrip(".")


def _fine_cells(subject: str, rows: Sequence[ExportRow]) -> Iterator[Cells]:
    for row in rows:
        if row.number is not None and row.stage is not None:
            yield (
                custom_id(subject, row.number, row.stage),
                subject,
                row.number,
                row.stage,
                row.rationale,
                ", ".join(row.rules),
            )


def spreadsheet_safe(table: Table) -> Table:
    """Return the table with every cell that could start a formula turned into plain text."""
    return Table(table.columns, [tuple(_safe(cell) for cell in row) for row in table.rows])


def _safe(cell: str | int | float) -> str | int | float:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def write_csv(file: IO[str], table: Table, *, header: bool = True) -> None:
    """Write comma-separated, quoted where needed. `file` must not translate line ends."""
    bare = csv.writer(file, lineterminator="\n")
    # csv quotes a lone carriage return only where it ends lines, yet every reader splits at it.
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    if header:
        bare.writerow(table.columns)
    for row in table.rows:
        has_return = any(isinstance(cell, str) and "\r" in cell for cell in row)
        (quoted if has_return else bare).writerow(row)
