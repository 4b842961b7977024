"""What the columns of a table hold, by their names and by their cells.

A column that could be the time of the stages and has no name that is known stops the reading:
else its stages would lie elsewhere in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from psg.errors import StageFileError
from psg.stagefiles import columnnames as names_of
from psg.stagefiles.barecolumns import layout_by_cells
from psg.stagefiles.clocks import read_clock
from psg.stagefiles.codes import code_of
from psg.stagefiles.columnnames import SECONDS_IN, column_name
from psg.stagefiles.layouts import Layout, StageColumn
from psg.stagefiles.namedcolumns import Columns
from psg.stagefiles.tables import Table, has_codes, is_moment, is_stage
from psg.stagefiles.words import stage_word

_LONGEST_LABEL = 60
# Of a column without a known name so many cells must be stages beside another such column.
_NEARLY_ALL = 0.9
# So many stages of which each is another are no stages of scorers.
_FEWEST_SHARES = 4


def find_layout(table: Table) -> Layout | None:
    """Find out what the columns of a table hold; None where it has no stages.

    Raises
    ------
    StageFileError
        When a column may hold the times of the stages, and that is not certain.
    """
    if not table.rows:
        return None
    if not _is_header(table.rows[0][1]):
        return layout_by_cells(table)
    columns = Columns(
        tuple(map(column_name, table.header)),
        tuple(tuple(table.column(i, after_header=True)) for i in range(table.width)),
    )
    return _by_names(table, columns)


def _is_header(cells: Sequence[str]) -> bool:
    """Whether the first row has names: no numbers, times of day or stages.

    Stages of which none is there twice are names of probabilities beside a name for stages.
    """
    known = names_of.STAGE | names_of.EVENT
    if any(map(is_moment, cells)):
        return False
    stages = [stage_word(cell) for cell in cells if column_name(cell).plain not in known]
    found = [word.stage for word in stages if word is not None and word.stage is not None]
    has_name = any(column_name(cell).plain in names_of.STAGE for cell in cells)
    return not found or (has_name and len(set(found)) == len(found) >= _FEWEST_SHARES)


# With a row of names.


def _by_names(table: Table, columns: Columns) -> Layout | None:
    _refuse_several(columns)
    onset, epoch = _onset(columns), _epoch(columns)
    duration, end = columns.first(names_of.DURATION), columns.first(names_of.END)
    channel, scorer = columns.first(names_of.CHANNEL), _scorer(columns)
    roles = (onset, epoch, duration, end, channel, scorer)
    known = {index for index in roles if index is not None}
    stages, notes = _stage_columns(table, columns, known)
    if not stages:
        return None
    used = known | {column.index for column in stages}
    _refuse_other_times(columns, onset, epoch, used)
    if onset is None and epoch is None and duration is None:
        _refuse_lengths(columns, stages, used)
    return Layout(
        stages=tuple(stages),
        epoch=epoch,
        onset=onset,
        duration=duration,
        end=end,
        channel=channel,
        scorer=scorer,
        units=tuple(name.unit for name in columns.names),
        notes=notes,
    )


def _refuse_several(columns: Columns) -> None:
    """Refuse tables beside each other, and the stages of several recordings below each other.

    Raises
    ------
    StageFileError
    """
    times = [name for name in columns.names if name.plain in names_of.EPOCH | names_of.ONSET]
    if len(times) > len(set(times)):
        raise StageFileError(
            "Two columns of times or numbers have the same name",
            where=f"{len(times)} such columns",
            advice="Write the stages of a recording below each other, in one table.",
        )
    for index in columns.all(names_of.RECORDING):
        if len(set(columns.filled(index))) > 1:
            raise StageFileError(
                "The table seems to hold several recordings",
                where=f"column {index + 1} has {len(set(columns.filled(index)))} names",
                advice="Import a table for each recording.",
            )


def _onset(columns: Columns) -> int | None:
    """Find the column of onsets; one of times of day says more than one of seconds.

    Raises
    ------
    StageFileError
        When two columns have times of day that differ.
    """
    named = columns.all(names_of.ONSET)
    clocks = [index for index in named if columns.are_clocks(index)]
    of_day = [index for index in clocks if columns.names[index].plain not in names_of.ELAPSED]
    clocks = of_day or clocks
    if len({tuple(map(read_clock, columns.cells[index])) for index in clocks}) > 1:
        raise StageFileError(
            "Two columns hold times of day that differ",
            where=f"columns {clocks[0] + 1} and {clocks[1] + 1}",
            advice="Leave the one with the time of day of each stage, and name it “onset”.",
        )
    counted = [index for index in named if columns.names[index].unit in SECONDS_IN]
    return next(iter([*clocks, *counted]), None)


def _epoch(columns: Columns) -> int | None:
    """Find the column with the numbers of the epochs; an index without a name is one too."""
    named = columns.first(names_of.EPOCH, "")
    if named is not None:
        return named
    for index, name in enumerate(columns.names):
        codes = [code_of(cell) for cell in columns.cells[index]]
        if not codes or None in codes:
            continue
        steps = {after - each for each, after in pairwise(code or 0 for code in codes)}
        if name.plain in names_of.NUMBER and min(steps, default=1) > 0:
            return index
        if not name.words and steps <= {1}:
            return index
    return None


def _scorer(columns: Columns) -> int | None:
    """Find the column that names the scorer of a row; a scorer's column may hold the stages."""
    for index in columns.all(names_of.SCORER):
        filled = columns.filled(index)
        if not all(stage_word(cell) or code_of(cell) is not None for cell in filled):
            return index
    return None


def _refuse_other_times(
    columns: Columns, onset: int | None, epoch: int | None, used: set[int]
) -> None:
    """Refuse a column that may be the time of the stages, where nothing surer is.

    Raises
    ------
    StageFileError
    """
    if onset is not None and columns.are_clocks(onset):
        return
    ends = columns.all(names_of.END)
    for index in range(len(columns.names)):
        is_end = index in ends and onset is None
        if index in used and not is_end:
            continue
        if columns.names[index].is_share:
            continue
        if columns.are_clocks(index) or (onset is None and _may_be_time(columns, index, epoch)):
            unit = columns.names[index].unit
            raise StageFileError(
                "The times of the table are counted in samples"
                if unit == "sample" or columns.names[index].plain in names_of.SAMPLE
                else "A column may hold the times of the stages, and its name is not known",
                where=f"column {index + 1}",
                advice="Name the column “onset” if it has the beginning of each stage, in seconds"
                " or as a time of day; or remove it.",
            )


def _may_be_time(columns: Columns, index: int, epoch: int | None) -> bool:
    """Whether the numbers of a column run on with the rows, or are another in each.

    Beside numbers of epochs they only matter where they begin elsewhere than these.
    """
    numbers = columns.numbers(index)
    if len(numbers) < 2:
        return epoch is None and any(numbers)
    steps = [after - each for each, after in pairwise(numbers)]
    if epoch is None:
        runs = min(steps) >= 0 or max(steps) <= 0
        kinds = len(set(numbers))
        return kinds == len(numbers) or (runs and kinds > 2)
    if min(steps) <= 0 or numbers[0] == 0:
        return False
    counted = columns.numbers(epoch)
    return len({number - each for number, each in zip(numbers, counted, strict=False)}) > 1


def _refuse_lengths(columns: Columns, stages: Sequence[StageColumn], used: set[int]) -> None:
    """Refuse a column of numbers that may say how long each stage lasts.

    Raises
    ------
    StageFileError
    """
    texts = columns.cells[stages[0].index]
    are_runs = all(each != after for each, after in pairwise(texts))
    for index, name in enumerate(columns.names):
        is_named = name.plain in names_of.NUMBER or name.unit in {*SECONDS_IN, "epoch"} - {""}
        if index not in used and columns.numbers(index) and (is_named or are_runs):
            raise StageFileError(
                "A column may say how long each stage lasts, and its name is not known",
                where=f"column {index + 1}",
                advice="Name the column “duration (s)” or “duration (epochs)” if it does, or remove"
                " it.",
            )


# Which columns are the stages.


def _stage_columns(
    table: Table, columns: Columns, taken: set[int]
) -> tuple[list[StageColumn], tuple[str, ...]]:
    free = [
        index
        for index, name in enumerate(columns.names)
        if index not in taken and not name.is_beside
    ]
    worded = [index for index in free if _has_stages(columns, index)]
    chosen = _chosen(columns, free, worded)
    passed = [index + 1 for index in worded if index not in chosen]
    notes: tuple[str, ...] = ()
    if passed:
        notes = (f"Words for stages in other columns were passed over: column {passed[0]}.",)
    if len(chosen) == 1:
        return [StageColumn(chosen[0])], notes
    distinct = {columns.cells[index]: index for index in reversed(chosen)}
    labels = table.header
    found = [StageColumn(each, labels[each][:_LONGEST_LABEL]) for each in sorted(distinct.values())]
    return found, notes


def _chosen(columns: Columns, free: Sequence[int], worded: Sequence[int]) -> list[int]:
    """Choose the columns of stages, from the surest name and cells on."""
    sure = [index for index in free if columns.names[index].names_stages]
    events = [index for index in free if columns.names[index].plain in names_of.EVENT]
    values = [index for index in free if columns.names[index].plain in names_of.VALUE]
    coded = [index for index in free if has_codes(columns.cells[index])]
    others = [index for index in worded if index not in values] if not sure else []
    if len(others) > 1:
        others = [index for index in others if _is_full(columns, index)]
    return next(
        filter(
            None,
            (
                [index for index in worded if index in sure],
                [index for index in worded if index in events and _is_full(columns, index)],
                [index for index in coded if index in sure],
                [index for index in worded if index in events],
                others,
                [index for index in coded if index in events][:1],
                [index for index in (*coded, *worded) if index in values][:1],
                [*sure, *events][:1],
            ),
        ),
        [],
    )


def _has_stages(columns: Columns, index: int) -> bool:
    name = columns.names[index]
    filled = columns.filled(index)
    count = sum(map(is_stage, filled))
    is_named = name.names_stages or name.plain in names_of.EVENT
    return count > 0 and (is_named or count >= len(filled) / 2)


def _is_full(columns: Columns, index: int) -> bool:
    """Whether nearly all cells are words for stages, and several stages are among them."""
    words = [stage_word(cell) for cell in columns.cells[index]]
    known = [word.stage for word in words if word is not None]
    return len(known) >= _NEARLY_ALL * len(words) and len(set(known)) > 1
