"""Rows of a table that are no stages: units below the names, a last line, names of rows."""

from __future__ import annotations

from collections.abc import Container, Sequence

from psg.errors import StageFileError
from psg.stagefiles.clocks import read_clock
from psg.stagefiles.codes import code_of
from psg.stagefiles.columnnames import (
    DURATION,
    END,
    EPOCH,
    EVENT,
    NUMBER,
    ONSET,
    STAGE,
    VALUE,
    column_name,
    says_unit,
)
from psg.stagefiles.declared import digest_of
from psg.stagefiles.fields import optional_number
from psg.stagefiles.words import is_end, says_stage, stage_word

Row = tuple[int, tuple[str, ...]]
Rows = Sequence[Row]

_TIMES = ONSET | END | DURATION | EPOCH | NUMBER


def is_stage(cell: str) -> bool:
    word = stage_word(cell)
    return word is not None and word.stage is not None


def is_moment(cell: str) -> bool:
    """Whether a cell is a number or a time of day."""
    return optional_number(cell) is not None or read_clock(cell) is not None


def without_last_words(rows: Rows, declared: Container[str]) -> tuple[Rows, list[str]]:
    """Part the last lines that are a single text, such as the name of a program, from the rows.

    Only a line that has no time where all others have one can be such a line: any other text may
    be a stage that is not understood. `declared` has the digests of texts that a person declared.
    """
    kept = list(rows)
    words: list[str] = []
    if not kept:
        return kept, words
    times = _columns_of_times(kept)
    while 0 in times and len(kept) > 1 and _is_a_text(kept[-1][1], declared):
        words.append(kept.pop()[1][0])
    if times and 0 not in times and len(kept) > 1 and _is_a_last_line(kept, declared):
        words.append(kept.pop()[1][0])
    return kept, words


def _columns_of_times(rows: Rows) -> set[int]:
    """Columns of times, numbers or lengths: by their names, the first one also by its cells."""
    (_, names), *body = rows
    found = {index for index, name in enumerate(names) if column_name(name).plain in _TIMES}
    first = column_name(names[0])
    is_other = first.names_stages or first.plain in EVENT | VALUE
    moments = sum(is_moment(cells[0]) for _, cells in body)
    return found | ({0} if not is_other and moments > len(body) / 2 else set())


def _is_a_text(cells: Sequence[str], declared: Container[str]) -> bool:
    """Whether the first cell alone is filled, with a text that is neither a stage nor a time."""
    text = cells[0]
    return (
        bool(text)
        and not any(cells[1:])
        and not is_moment(text.split()[0])
        and not is_stage(text)
        and not says_stage(text)
        and digest_of(text) not in declared
    )


def _is_a_last_line(rows: Rows, declared: Container[str]) -> bool:
    """Whether the last text of a column of stages is a line below them, and no stage."""
    *above, (_, cells) = rows
    is_unique = all(cells[0] != others[0] for _, others in above)
    is_line = is_end(cells[0]) or (" " in cells[0] and stage_word(cells[0]) is None)
    return is_unique and is_line and _is_a_text(cells, declared)


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
    if not _are_units(names, units):
        return rows
    named = tuple(
        f"{name} [{units[index].strip('[]()')}]"
        if index < len(units) and units[index].strip("[]() ") and not column_name(name).unit
        else name
        for index, name in enumerate(names)
    )
    return [(number, named), *body[1:]]


def _are_units(names: Sequence[str], units: Sequence[str]) -> bool:
    """Whether the cells of a row say units, one of them that of a time, and none is a stage."""
    filled = [(column_name(name), unit) for name, unit in zip(names, units, strict=False) if unit]
    return (
        all(says_unit(unit) for unit in units if unit)
        and any(name.plain in _TIMES for name, _ in filled)
        and not any(name.plain in STAGE | EVENT and unit.strip("[]() ") for name, unit in filled)
    )


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
