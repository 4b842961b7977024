"""Rows of a table that are no stages: units below the names, a last line, names of rows."""

from __future__ import annotations

from collections.abc import Sequence

from psg.errors import StageFileError
from psg.stagefiles.clocks import read_clock
from psg.stagefiles.codes import code_of
from psg.stagefiles.columnnames import EVENT, STAGE, column_name, unit_of_time
from psg.stagefiles.fields import optional_number
from psg.stagefiles.words import stage_word

Row = tuple[int, tuple[str, ...]]
Rows = Sequence[Row]


def is_stage(cell: str) -> bool:
    word = stage_word(cell)
    return word is not None and word.stage is not None


def is_moment(cell: str) -> bool:
    """Whether a cell is a number or a time of day."""
    return optional_number(cell) is not None or read_clock(cell) is not None


def without_last_words(rows: Rows) -> tuple[Rows, list[str]]:
    """Part the last lines that are a single text, such as the name of a program, from the rows."""
    kept = list(rows)
    words: list[str] = []
    while len(kept) > 1 and _is_a_text(kept[-1][1]):
        words.append(" ".join(filter(None, kept.pop()[1])))
    return kept, words


def _is_a_text(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    is_single = len(filled) == 1 and cells[0] != ""
    return is_single and not is_moment(filled[0]) and not is_stage(filled[0])


def below_names(rows: Rows) -> Rows:
    """Bring the rows below the names of the columns into the form that all tables have.

    Raises
    ------
    StageFileError
        When the rows have more cells than there are names.
    """
    return _with_names_of_rows(_with_units(rows))


def _with_units(rows: Rows) -> Rows:
    """Write the units that stand below the names behind them: “onset [s]”."""
    (number, names), *body = rows
    units = body[0][1] if body else ()
    filled = [unit for unit in units if unit]
    if not filled or not all(map(unit_of_time, filled)):
        return rows
    named = tuple(
        f"{name} [{units[index].strip('[]()')}]"
        if index < len(units) and units[index].strip("[]() ") and not column_name(name).unit
        else name
        for index, name in enumerate(names)
    )
    return [(number, named), *body[1:]]


def _with_names_of_rows(rows: Rows) -> Rows:
    """Give a name to the numbers of the rows, which R writes in front and does not name."""
    (number, names), *body = rows
    longer = [(line, cells) for line, cells in body if any(cells[len(names) :])]
    if not longer:
        return rows
    if len(longer) == len(body) and _are_row_numbers(body) and _are_stages_beside(names, body):
        return [(number, ("", *names)), *body]
    for line, cells in longer:
        if any(is_moment(cell) or is_stage(cell) for cell in cells[len(names) :]):
            raise StageFileError(
                "The rows of the table have more cells than there are names of columns",
                where=f"line {line}: {len(cells)} cells, {len(names)} names",
                advice="Name every column, and write a decimal comma only between semicolons.",
            )
    return rows


def _are_row_numbers(body: Rows) -> bool:
    numbers = [code_of(cells[0]) for _, cells in body]
    return numbers in (list(range(len(body))), list(range(1, len(body) + 1)))


def _are_stages_beside(names: Sequence[str], body: Rows) -> bool:
    """Whether the stages stand a cell to the right of their name."""
    places = [index for index, name in enumerate(names) if column_name(name).plain in STAGE | EVENT]
    return bool(places) and all(
        is_stage(cells[place + 1]) and not is_stage(cells[place])
        for place in places[:1]
        for _, cells in body
    )
