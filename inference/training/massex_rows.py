"""The rows of MASS-EX tables, read without the site: a training machine has no Django."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inference.training.errors import TrainingError
from psg.stages import STAGES, Stage

_COLUMNS = ("custom_id", "Subject", "N", "Stage", "applicable_rules")
_SIDECAR_COLUMNS = ("Subject", "N", "epoch", "onset_s")


@dataclass(frozen=True)
class MassexRow:
    """One annotated epoch of a table; ``number`` is its N."""

    subject: str
    number: int
    stage: Stage
    rules: tuple[str, ...]
    rationale: str


@dataclass(frozen=True)
class Place:
    """Index on the grid, and seconds from the start of the recording."""

    epoch: int
    onset_s: float


def read_rows(path: Path) -> list[MassexRow]:
    """Read a fine or a coarse table.

    Raises
    ------
    TrainingError
        When columns, numbers or stages are not those of MASS-EX, with the line.
    """
    return [_row(cells, f"{path.name}, line {line}") for line, cells in _lines(path, _COLUMNS)]


def read_places(path: Path) -> dict[tuple[str, int], Place]:
    """Read ``epochs.csv``: from Subject and N to the place on the grid."""
    return {
        (cells["Subject"], _count(cells["N"], where)): Place(
            _count(cells["epoch"], where), _number(cells["onset_s"], where)
        )
        for line, cells in _lines(path, _SIDECAR_COLUMNS)
        if cells["N"] and (where := f"{path.name}, line {line}")
    }


def _lines(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise TrainingError(f"The column {missing[0]} is missing", where=path.name)
            for cells in reader:
                if None in cells or None in cells.values():
                    raise TrainingError(
                        "A row has not as many cells as there are columns",
                        where=f"{path.name}, line {reader.line_num}",
                        advice="Is the file whole?",
                    )
                yield reader.line_num, cells
    except (UnicodeDecodeError, csv.Error) as error:
        raise TrainingError(f"The table cannot be read: {error}", where=path.name) from None


def _row(cells: dict[str, str], where: str) -> MassexRow:
    if cells["Stage"] not in set(STAGES):
        raise TrainingError(f"“{cells['Stage'][:20]}” is not a stage of MASS-EX", where=where)
    return MassexRow(
        subject=cells["Subject"],
        number=_count(cells["N"], where),
        stage=Stage(cells["Stage"]),
        rules=tuple(
            rule for part in cells["applicable_rules"].split(",") if (rule := part.strip())
        ),
        rationale=cells.get("reasoning_text", ""),
    )


def _count(text: str, where: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise TrainingError(f"“{text[:20]}” is not a count", where=where)
    return int(text)


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise TrainingError(f"“{text[:20]}” is not a number of seconds", where=where) from None
