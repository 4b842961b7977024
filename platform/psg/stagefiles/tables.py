"""The cells of a table, and the lines above and between that describe it."""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass

from psg.errors import StageFileError
from psg.stagefiles.codes import code_of
from psg.stagefiles.columnnames import DURATION, EPOCH, EVENT, ONSET, STAGE, column_name
from psg.stagefiles.tablerows import Rows, below_names, is_moment, is_stage, without_last_words
from psg.stagefiles.words import stage_word

# Lines by which the sign between cells is told.
_LOOKED_AT = 50
# So many lines may stand above the names of the columns.
_HEADER_LINES = 40
# So many cells in a line alone are stages, one beside the other.
_FEWEST_BESIDE = 5
EMPTY = {"", "n/a", "na", "nan", "null", "none", "-"}


@dataclass(frozen=True)
class Table:
    """The cells of a table, each row with the number of its line.

    ``described`` has the lines that describe the file: comments, and what stands above the names
    of the columns. ``row_word`` is the word for a row with its number. ``skipped`` are numbers of
    lines that are empty or a stage behind #, ``left_out`` counts lines below the table.
    """

    rows: tuple[tuple[int, tuple[str, ...]], ...]
    described: tuple[str, ...] = ()
    row_word: str = "line"
    skipped: tuple[int, ...] = ()
    left_out: int = 0

    @property
    def width(self) -> int:
        return max((len(cells) for _, cells in self.rows), default=0)

    @property
    def is_even(self) -> bool:
        """Whether all rows have as many cells."""
        return len({len(cells) for _, cells in self.rows}) == 1

    @property
    def is_beside(self) -> bool:
        """Whether the cells of a single line are the rows."""
        return len(self.rows) > 1 and len({number for number, _ in self.rows}) == 1

    @property
    def header(self) -> tuple[str, ...]:
        """The cells of the first row, as many as the longest row has."""
        cells = self.rows[0][1]
        return (*cells, *("",) * (self.width - len(cells)))

    def single_cells(self, *, after_header: bool) -> list[str]:
        """Return what stands once in a column of many rows, as a start time may."""
        columns = (self.column(i, after_header=after_header) for i in range(self.width))
        filled = [[cell for cell in cells if cell.lower() not in EMPTY] for cells in columns]
        return [cells[0] for cells in filled if len(cells) == 1 and len(self.rows) > 2]

    def column(self, index: int, *, after_header: bool) -> list[str]:
        rows = self.rows[1:] if after_header else self.rows
        return [cells[index] if index < len(cells) else "" for _, cells in rows]


def read_table(lines: Sequence[str], declared: Container[str] = ()) -> Table:
    """Split lines into cells, and tell the table from the lines that describe it.

    `declared` has the digests of texts that a person declared: none of them describes the file.

    Raises
    ------
    StageFileError
        When a quotation mark has no end.
    """
    comments = [line for line in lines if line.lstrip().startswith("#")]
    kept = [
        (number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip(" \t,;") and not line.lstrip().startswith("#")
    ]
    skipped = [number for number, line in enumerate(lines, start=1) if may_be_row(line)]
    kept = [*_names_in_comment(lines, kept), *kept]
    rows = _beside(_cells(kept))
    first = _first_row(rows)
    above = [" ".join(filter(None, cells)) for _, cells in rows[:first]]
    _refuse_stages_above(rows, first)
    rows = rows[first:]
    below: list[str] = []
    if max((len(cells) for _, cells in rows), default=0) > 1:
        rows, below = without_last_words(rows, declared)
    if rows and _has_names(rows[0][1]):
        rows = below_names(rows)
    return Table(
        tuple(rows),
        (*comments, *above, *below),
        skipped=tuple(skipped),
        left_out=len(below),
    )


def may_be_row(line: str) -> bool:
    """Whether a line that is passed over may be an epoch: it is empty, or a stage behind #."""
    bare = line.strip(" \t,;")
    first = re.split(r"[\t,;]", bare.lstrip("#* "))[0]
    return not bare or (bare.startswith(("#", "*")) and is_stage(first))


def _refuse_stages_above(rows: Rows, first: int) -> None:
    """Refuse stages above the row that seems to have the names of the columns.

    Raises
    ------
    StageFileError
    """
    for number, cells in rows[:first]:
        if cells and is_stage(cells[0]):
            raise StageFileError(
                "A stage stands above the names of the columns",
                where=f"line {number}",
                advice="Leave one table, with the names of its columns in the first line.",
            )


def has_codes(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.lower() not in EMPTY]
    return bool(filled) and all(code_of(cell) is not None for cell in filled)


def _cells(kept: Sequence[tuple[int, str]]) -> Rows:
    delimiter = _delimiter([line for _, line in kept[:_LOOKED_AT]])
    if delimiter is None:
        return [(number, tuple(line.split())) for number, line in kept]
    reader = csv.reader((line for _, line in kept), delimiter=delimiter, strict=True)
    try:
        cells = [tuple(cell.strip() for cell in row) for row in reader]
    except csv.Error as error:
        raise StageFileError(
            f"Not a readable csv file: {error}",
            where=f"line {kept[min(reader.line_num, len(kept)) - 1][0]} on",
            advice="Check the quotation marks.",
        ) from None
    if len(cells) != len(kept):
        raise StageFileError(
            "A cell of the table has more than a line",
            where=f"{len(kept)} lines, {len(cells)} rows",
            advice="Check the quotation marks.",
        )
    return [(number, row) for (number, _), row in zip(kept, cells, strict=True)]


def _delimiter(lines: Sequence[str]) -> str | None:
    """Choose what most lines have; a comma may be a decimal comma between semicolons.

    None stands for blanks, where all lines have as many words.
    """
    for mark in "\t;,":
        if sum(mark in line for line in lines) > len(lines) / 2:
            return mark
    words = [line.split() for line in lines]
    is_even = len({len(cells) for cells in words}) == 1 and len(words[0]) > 1
    # A row begins with its number or time; the names of the columns do not.
    moments = sum(is_moment(cells[0]) for cells in words)
    return None if is_even and (len(words) == 1 or moments >= len(words) - 1) else ","


def _beside(rows: Rows) -> Rows:
    """Turn stages that stand beside each other in the only line into a column."""
    if len(rows) != 1 or len(rows[0][1]) < _FEWEST_BESIDE:
        return rows
    [(number, cells)] = rows
    are_words = all(stage_word(cell) is not None for cell in cells)
    are_codes = all(code_of(cell) is not None for cell in cells)
    return [(number, (cell,)) for cell in cells] if are_words or are_codes else rows


def _names_in_comment(
    lines: Sequence[str], kept: Sequence[tuple[int, str]]
) -> list[tuple[int, str]]:
    """Return the comment right above the rows where it names the columns, as numpy writes it."""
    number = kept[0][0] - 1 if kept else 0
    above = lines[number - 1].lstrip() if number else ""
    line = above.lstrip("# ") if above.startswith("#") else ""
    cells = re.split(r"[\t;,]" if re.search(r"[\t;,]", line) else r"\s+", line)
    names = {column_name(cell).plain for cell in cells}
    is_header = len(cells) > 1 and names & (STAGE | EVENT) and names & (ONSET | EPOCH | DURATION)
    return [(number, line)] if is_header else []


def _has_names(cells: Sequence[str]) -> bool:
    """Whether a row has the name of a column of stages, and no number."""
    names = {column_name(cell).plain for cell in cells}
    return bool(names & (STAGE | EVENT)) and not any(map(is_moment, cells))


def _first_row(rows: Rows) -> int:
    """Find the row with the names of the columns, below the lines that describe the file."""
    stages_alone = []
    for index, (_, cells) in enumerate(rows[:_HEADER_LINES]):
        if any(is_stage(cell) for cell in cells) and any(map(is_moment, cells)):
            break
        names = {column_name(cell).plain for cell in cells}
        if names & (STAGE | EVENT) and names & (ONSET | EPOCH | DURATION):
            return index
        if names & STAGE:
            stages_alone.append(index)
    if stages_alone:
        return stages_alone[0]
    width = max((len(cells) for _, cells in rows), default=0)
    # Titles have a single cell; an index may have no name, so that the names have only one too.
    is_table = (sum(map(bool, cells)) > 1 or width == 1 for _, cells in rows)
    return next((index for index, found in enumerate(is_table) if found), 0)
