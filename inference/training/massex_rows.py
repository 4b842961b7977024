"""MASS-EX tables for training: read as an import reads them, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.training.errors import told_of
from psg.errors import StageFileError
from psg.massex import (
    COARSE_COLUMNS,
    EPOCHS_COLUMNS,
    FINE_COLUMNS,
    MassexRow,
    Problems,
    Row,
    count,
    read_row,
    read_rows,
    seconds,
)

_WITHOUT_SOURCE = EPOCHS_COLUMNS[:-1]


@dataclass(frozen=True)
class Place:
    """Index on the grid, and seconds from the start of the recording."""

    epoch: int
    onset_s: float


def read_table(path: Path) -> list[MassexRow]:
    """Read a fine or a coarse table, of one night or of several.

    Raises
    ------
    TrainingError
        When columns, ids, numbers or stages are not those of MASS-EX, with file and line.
    """
    problems = Problems()
    rows = [
        read_row(cells, line, problems)
        for line, cells in _rows(path, (FINE_COLUMNS, COARSE_COLUMNS), problems)
    ]
    _raise_first(problems, path)
    return [row for row in rows if row is not None]


def read_places(path: Path) -> dict[tuple[str, int], Place]:
    """Read ``epochs.csv``: from Subject and N to the place on the grid."""
    problems, places = Problems(), dict[tuple[str, int], Place]()
    for line, cells in _rows(path, (EPOCHS_COLUMNS, _WITHOUT_SOURCE), problems):
        try:
            place = Place(count(cells["epoch"]), seconds(cells["onset_s"]))
            if cells["N"]:
                places[cells["Subject"], count(cells["N"])] = place
        except StageFileError as error:
            problems.error(error.what, line=line, advice=error.advice)
    _raise_first(problems, path)
    return places


def _rows(path: Path, layouts: Sequence[Sequence[str]], problems: Problems) -> Iterator[Row]:
    try:
        yield from read_rows(path.read_bytes(), layouts, problems, limit_bytes=None)
    except StageFileError as error:
        raise told_of(path, error) from None


def _raise_first(problems: Problems, path: Path) -> None:
    try:
        problems.raise_first()
    except StageFileError as error:
        raise told_of(path, error) from None
