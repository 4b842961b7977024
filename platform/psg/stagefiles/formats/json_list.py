"""A json list with a stage for each epoch, such as the Dreem Open Dataset has."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from psg.errors import StageFileError
from psg.stagefiles.bounds import MOST_STAGES, check_count
from psg.stagefiles.columnnames import EVENT, column_name
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.formats.table import file_of_table
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.header_lines import with_described
from psg.stagefiles.rows import Row, read_rows
from psg.stagefiles.tables import Table
from psg.stages import EPOCH_S

_LONGEST = 40 * MOST_STAGES
_MOST_KEYS = 100
# A list of names, numbers or null; “[Hypnogram]” is a title.
_LIST = re.compile(r"\s*\[\s*(?:[\"\[\]{]|-?\d[\d.eE+-]*\s*(?:[,\]]|\Z)|null|NaN|true|false)")
_BEGINNING = 200


def _recognises(content: Content) -> bool:
    """Whether it is a list, or an object with a list whose name is one for stages."""
    if not content.is_text or not content.text.lstrip().startswith("{"):
        return content.is_text and _LIST.match(content.text[:_BEGINNING]) is not None
    try:
        parsed = read_json(content)
    except StageFileError:
        return False
    return isinstance(parsed, dict) and any(
        isinstance(value, list) and _names_stages(key) for key, value in parsed.items()
    )


def _names_stages(key: str) -> bool:
    name = column_name(key)
    return name.names_stages or name.plain in EVENT


def read_json(content: Content) -> object:
    """Parse a json file of stages, within bounds.

    Raises
    ------
    StageFileError
    """
    if len(content.text) > _LONGEST:
        raise StageFileError(
            "The json is too large for the stages of a recording",
            where=f"over {_LONGEST:,} characters",
            advice="It should have one stage per epoch.",
        )
    try:
        parsed: object = json.loads(content.text)
    except RecursionError:
        raise StageFileError(
            "The json is nested too deeply",
            where="lists inside lists",
            advice="It should have one stage per epoch.",
        ) from None
    except ValueError as error:
        raise StageFileError(
            "The json is damaged", where=str(error)[:120], advice="Export the stages again."
        ) from None
    return parsed


def _read(content: Content, options: StageOptions) -> StageFile:
    parsed = read_json(content)
    described: list[str] = []
    if isinstance(parsed, dict):
        described = [f"{key}: {value}" for key, value in parsed.items() if _is_cell(value)]
        parsed = _rows_of(parsed)
    if not isinstance(parsed, list):
        raise StageFileError(
            "The json is not a list of stages", advice="It should hold one stage per epoch."
        )
    check_count(len(parsed))
    if parsed and all(isinstance(item, dict) for item in parsed):
        return file_of_table(FORMAT.id, _table(parsed, described), options)
    if parsed and all(isinstance(item, list) for item in parsed):
        rows_of_cells = [
            tuple(_text(cell, f"item {number}") for cell in item)
            for number, item in enumerate(parsed, start=1)
        ]
        table = Table(tuple(enumerate(rows_of_cells, start=1)), tuple(described), row_word="item")
        return file_of_table(FORMAT.id, table, options)
    epoch_s = options.epoch_s or EPOCH_S
    rows = [
        Row(epoch_s * index, epoch_s, _text(item, where), where=where, is_stage=True)
        for index, item in enumerate(parsed)
        for where in [f"item {index + 1} of the list"]
    ]
    file = stage_file(FORMAT.id, [read_rows(rows, options, by_epoch=True)], options)
    return with_described(file, described, options)


def _is_cell(value: object) -> bool:
    return value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))


def _rows_of(parsed: dict[str, object]) -> object:
    """Return the list of an object: the only one, or the rows of lists of equal length.

    Raises
    ------
    StageFileError
        When its lists differ in length.
    """
    lists = {key: value for key, value in parsed.items() if isinstance(value, list)}
    if len(lists) == 1:
        return next(iter(lists.values()))
    if len({len(value) for value in lists.values()}) != 1:
        raise StageFileError(
            "The lists of the json differ in length",
            where=f"{len(lists)} lists",
            advice="Leave the list of the stages alone, or write a list of epochs.",
        )
    return [dict(zip(lists, cells, strict=True)) for cells in zip(*lists.values(), strict=True)]


def _table(items: Sequence[dict[str, object]], described: Sequence[str]) -> Table:
    """Write a list of objects as a table, with a column for each of their keys."""
    keys = list(dict.fromkeys(key for item in items for key in item))
    if len(keys) > _MOST_KEYS:
        raise StageFileError(
            "The json has too many names for a list of stages",
            where=f"over {_MOST_KEYS} names",
            advice="Each item should hold a stage and its onset or epoch.",
        )
    rows = [
        (number, tuple(_text(item.get(key), f"item {number}") for key in keys))
        for number, item in enumerate(items, start=1)
    ]
    return Table(((0, tuple(keys)), *rows), tuple(described), row_word="item")


def _text(item: object, where: str) -> str:
    if not _is_cell(item):
        raise StageFileError(
            "The json holds something that is not a stage",
            where=where,
            advice="It should be a list of names such as “N2”, or of codes.",
        )
    return "" if item is None else str(item)


FORMAT = StageFormat(
    id="json",
    title="json list",
    suffixes=(".json",),
    recognises=_recognises,
    read=_read,
    reads="A list with a name or a code for each epoch, from the start of the recording; a list of"
    " objects, or an object of lists, with the names of a table.",
    refuses="Integers without a declared meaning, and what a table refuses.",
    description="https://github.com/Dreem-Organization/dreem-learning-evaluation",
    is_general=True,
)
