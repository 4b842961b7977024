"""What the columns of a table hold, by their names and by their cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile, pairwise

from psg.errors import StageFileError
from psg.stagefiles.clocks import read_clock
from psg.stagefiles.codes import code_of
from psg.stagefiles.fields import optional_number
from psg.stagefiles.words import folded, stage_word

# Lines by which the sign between cells is told.
_LOOKED_AT = 50
EMPTY = {"", "n/a", "na", "nan", "null", "none", "-"}
_UNIT = re.compile(r"\[.*?\]|\(.*?\)")

_STAGE = {
    *("stage", "stages", "sleepstage", "hypnogram", "hypno", "label", "annotation", "annotations"),
    *("sleep stage", "sleep stages", "description", "event", "events", "trial type", "score"),
    *("scoring", "staging", "event type", "type", "text", "class"),
    *("stadium", "schlafstadium", "stadien", "ereignis", "stade", "stade de sommeil", "evenement"),
    *("fase", "fase de sueno", "etapa", "estadio", "evento", "estagio", "fase do sono", "stadio"),
    *("fase del sonno", "slaapstadium", "slaapfase", "gebeurtenis"),
}
_CODED = re.compile(
    r"(sleep )?stages?( \w+)*|hypno(gram)?( \w+)*|(scorer|rater|expert|ai|human|auto)( ?\w+)*|"
    r"value|codes?|score"
)
_EPOCH = {"epoch", "epochs", "epoch index", "epoch number", "epoch no", "epoch nr", "epoche"}
_EPOCH |= {"epoch id", "epoque", "epoca", "epoc", "n", "nr", "no", "number", "epoch#", "#"}
_ONSET = {
    *("onset", "onset s", "start", "start s", "start time", "starttime", "begin", "time", "clock"),
    *("onset seconds", "start seconds", "time of day", "clock time", "datetime", "timestamp"),
    *("date time", "onset sec", "start sec", "epoch start", "start epoch time", "seconds", "t"),
    *("uhrzeit", "zeit", "beginn", "anfang", "startzeit", "heure", "debut", "heure de debut"),
    *("hora", "inicio", "hora de inicio", "ora", "inizio", "ora di inizio", "tijd", "starttijd"),
}
_DURATION = {
    *("duration", "duration s", "duration seconds", "duration sec", "length", "length s", "dauer"),
    *("duree", "duracion", "durata", "duracao", "duur"),
}
_END = {
    *("end", "end s", "stop", "stop s", "end time", "endtime", "finish", "ende", "endzeit", "fin"),
    *("heure de fin", "hora de fin", "fine", "ora di fine", "fim", "eindtijd"),
}
_SAMPLE = {"sample", "samples", "sample index", "onset sample", "begsample"}
_CHANNEL = {"channel", "channels", "ch names", "location", "kanal", "canal", "voie", "kanaal"}
_SCORER = {"scorer", "rater", "annotator", "scored by", "reader"}


@dataclass(frozen=True)
class StageColumn:
    """A column of stages, and the scorer that its name gives."""

    index: int
    scorer: str = ""


@dataclass(frozen=True)
class Layout:
    """Indexes of the columns of a table; None where it has no such column."""

    stages: tuple[StageColumn, ...]
    epoch: int | None = None
    onset: int | None = None
    duration: int | None = None
    end: int | None = None
    channel: int | None = None
    scorer: int | None = None
    per_second: float = 1.0
    has_header: bool = True
    note: str = ""


@dataclass(frozen=True)
class Table:
    """The cells of a table, each row with the number of its line."""

    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def width(self) -> int:
        return max((len(cells) for _, cells in self.rows), default=0)

    @property
    def is_even(self) -> bool:
        """Whether all rows have as many cells."""
        return len({len(cells) for _, cells in self.rows}) == 1

    @property
    def header(self) -> tuple[str, ...]:
        """The cells of the first row, as many as the longest row has."""
        cells = self.rows[0][1]
        return (*cells, *("",) * (self.width - len(cells)))

    def column(self, index: int, *, after_header: bool) -> list[str]:
        rows = self.rows[1:] if after_header else self.rows
        return [cells[index] if index < len(cells) else "" for _, cells in rows]


def read_table(lines: Sequence[str]) -> Table:
    """Split lines into cells; lines that begin with ``#`` describe the file, empty ones are none.

    Raises
    ------
    StageFileError
        When a quotation mark has no end.
    """
    kept = [
        (number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip(" \t,;") and not line.lstrip().startswith("#")
    ]
    delimiter = _delimiter([line for _, line in kept[:_LOOKED_AT]])
    reader = csv.reader((line for _, line in kept), delimiter=delimiter, strict=True)
    try:
        cells = [tuple(cell.strip() for cell in row) for row in reader]
    except csv.Error as error:
        raise StageFileError(
            f"Not a readable csv file: {error}",
            where=f"line {kept[min(reader.line_num, len(kept)) - 1][0]} on",
            advice="Is a quotation mark missing or out of place?",
        ) from None
    if len(cells) != len(kept):
        raise StageFileError(
            "A cell of the table has more than a line",
            where=f"{len(kept)} lines, {len(cells)} rows",
            advice="Is a quotation mark missing or out of place?",
        )
    rows = [(number, row) for (number, _), row in zip(kept, cells, strict=True)]
    return Table(tuple(_below_titles(rows)))


def _delimiter(lines: Sequence[str]) -> str:
    """Choose what most lines have; a comma may be a decimal comma between semicolons."""
    most = (mark for mark in "\t;," if sum(mark in line for line in lines) > len(lines) / 2)
    return next(most, ",")


def _below_titles(
    rows: Sequence[tuple[int, tuple[str, ...]]],
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Leave out titles above a table: lines with a single cell."""
    width = max((len(cells) for _, cells in rows), default=0)
    return dropwhile(lambda row: width > 1 and sum(map(bool, row[1])) < 2, rows)


def find_layout(table: Table) -> Layout | None:
    """Find out what the columns of a table hold; None where it has no stages.

    Raises
    ------
    StageFileError
        When the times are counted in samples.
    """
    if not table.rows:
        return None
    names = [_name(cell) for cell in table.header]
    if _is_header(table.rows[0][1]):
        return _by_names(table, names)
    return _by_cells(table)


def _name(cell: str) -> str:
    return folded(_UNIT.sub("", cell))


def _is_header(cells: Sequence[str]) -> bool:
    """Whether the first row has names: no numbers, times of day or stages."""
    return not any(
        optional_number(cell) is not None or read_clock(cell) is not None for cell in cells
    ) and not any(_is_stage(cell) and _name(cell) not in _STAGE for cell in cells)


def _is_stage(cell: str) -> bool:
    word = stage_word(cell)
    return word is not None and word.stage is not None


# With a row of names.


def _by_names(table: Table, names: Sequence[str]) -> Layout | None:
    found = {
        role: _first(names, known)
        for role, known in (
            ("onset", _ONSET),
            ("epoch", _EPOCH),
            ("duration", _DURATION),
            ("end", _END),
            ("channel", _CHANNEL),
            ("scorer", _SCORER),
        )
    }
    taken = {index for index in found.values() if index is not None}
    if found["onset"] is None and found["epoch"] is None:
        if _first(names, _SAMPLE) is not None:
            raise StageFileError(
                "The times of the table are counted in samples",
                where=f"columns {', '.join(names)[:120]}",
                advice="Export onsets in seconds: a column “onset”.",
            )
        found["epoch"] = _index_column(table, names)
        taken |= {found["epoch"]} if found["epoch"] is not None else set()
    stages = _stage_columns(table, names, taken)
    if not stages:
        return None
    onset = found["onset"]
    return Layout(
        stages=tuple(stages),
        epoch=found["epoch"],
        onset=onset,
        duration=found["duration"],
        end=found["end"],
        channel=found["channel"],
        scorer=found["scorer"],
        per_second=1000.0 if onset is not None and _is_ms(table.header[onset]) else 1.0,
    )


def _first(names: Sequence[str], known: set[str]) -> int | None:
    return next((index for index, name in enumerate(names) if name in known), None)


def _is_ms(cell: str) -> bool:
    return bool(re.search(r"[\[(_ ]ms\b", cell.lower()))


def _index_column(table: Table, names: Sequence[str]) -> int | None:
    """Find a column without a name that counts the rows, as tools write their index."""
    for index, name in enumerate(names):
        numbers = [code_of(cell) for cell in table.column(index, after_header=True)]
        if name == "" and None not in numbers and _counts(numbers):
            return index
    return None


def _counts(numbers: Sequence[int | None]) -> bool:
    return all(after == (each or 0) + 1 for each, after in pairwise(numbers))


def _stage_columns(table: Table, names: Sequence[str], taken: set[int]) -> list[StageColumn]:
    free = [index for index in range(table.width) if index not in taken]
    name_of = {index: names[index] for index in free}
    worded = [index for index in free if _has_stages(table, index, name_of[index] in _STAGE)]
    coded = [
        index
        for index in free
        if _CODED.fullmatch(name_of[index]) and _has_codes(table, index, after_header=True)
    ]
    named = [index for index in free if name_of[index] in _STAGE]
    chosen = worded or _without_copies(coded, name_of) or named[:1]
    header = table.header
    if len(chosen) == 1:
        only = chosen[0]
        is_plain = name_of[only] in _STAGE or bool(_CODED.fullmatch(name_of[only]))
        return [StageColumn(only, "" if is_plain else header[only][:60])]
    distinct = {tuple(table.column(index, after_header=True)): index for index in reversed(chosen)}
    return [StageColumn(index, header[index][:60]) for index in sorted(distinct.values())]


def _without_copies(coded: Sequence[int], name_of: dict[int, str]) -> list[int]:
    """Leave out ``value`` where another column is named for stages."""
    stages = [index for index in coded if name_of[index] not in {"value", "code", "codes"}]
    return stages or list(coded)[:1]


def _has_stages(table: Table, index: int, is_named: bool) -> bool:
    cells = [cell for cell in table.column(index, after_header=True) if cell.lower() not in EMPTY]
    count = sum(_is_stage(cell) for cell in cells)
    return count > 0 and (is_named or count >= len(cells) / 2)


def _has_codes(table: Table, index: int, *, after_header: bool) -> bool:
    cells = table.column(index, after_header=after_header)
    filled = [cell for cell in cells if cell.lower() not in EMPTY]
    return bool(filled) and all(code_of(cell) is not None for cell in filled)


# Without names.


def _by_cells(table: Table) -> Layout | None:
    """Tell columns without names by their cells: times or numbers, durations, stages."""
    columns = [table.column(index, after_header=False) for index in range(table.width)]
    worded = [index for index, cells in enumerate(columns) if _mostly_stages(cells)]
    if len(worded) != 1:
        return None
    stage = StageColumn(worded[0])
    before = columns[: worded[0]]
    if len(before) == 1 and all(read_clock(cell) for cell in before[0]):
        return Layout((stage,), onset=0, has_header=False)
    numbers = [[optional_number(cell) for cell in cells] for cells in before]
    if not before or any(None in cells for cells in numbers) or len(before) > 2:
        return None
    if len(before) == 2:
        return Layout((stage,), onset=0, duration=1, has_header=False)
    return _epochs_or_seconds(stage, [number for number in numbers[0] if number is not None])


def _mostly_stages(cells: Sequence[str]) -> bool:
    return sum(_is_stage(cell) for cell in cells) > len(cells) / 2


def _epochs_or_seconds(stage: StageColumn, numbers: Sequence[float]) -> Layout | None:
    steps = [after - each for each, after in pairwise(numbers)]
    if steps and min(steps) == 1:
        return Layout(
            (stage,),
            epoch=0,
            has_header=False,
            note="The columns have no names; the first was taken as the number of the epoch.",
        )
    if steps and min(steps) >= 10:
        return Layout(
            (stage,),
            onset=0,
            has_header=False,
            note="The columns have no names; the first was taken as the onset in seconds.",
        )
    return None
