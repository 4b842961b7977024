"""What the columns of a table without names hold, by their cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from psg.errors import StageFileError
from psg.stagefiles.clocks import read_clock
from psg.stagefiles.codes import CODE_MAPS, code_of
from psg.stagefiles.fields import optional_number
from psg.stagefiles.layouts import Layout, StageColumn
from psg.stagefiles.pieces import are_ends
from psg.stagefiles.tables import Table, has_codes, is_stage

# Integers that any tool writes for a stage.
_CODES = frozenset(code for codes in CODE_MAPS.values() for code in codes)
# A number or a time, a duration, and the stage.
_MOST_COLUMNS = 3


def layout_by_cells(table: Table) -> Layout | None:
    """Tell columns without names by their cells: times or numbers, durations, stages."""
    columns = [table.column(index, after_header=False) for index in range(table.width)]
    if len(columns) == 1:
        is_list = _mostly_stages(columns[0]) or has_codes(columns[0])
        return Layout((StageColumn(0),), has_header=False) if is_list else None
    worded = [index for index, cells in enumerate(columns) if _mostly_stages(cells)]
    if not worded and _are_codes(columns[-1]) and len(columns) <= _MOST_COLUMNS:
        worded = [len(columns) - 1]
    if len(worded) != 1:
        return None
    stage = StageColumn(worded[0])
    before = columns[: worded[0]]
    if any(map(read_clock, (cells[0] for cells in columns[worded[0] + 1 :]))):
        return None
    if len(before) == 1 and all(read_clock(cell) for cell in before[0]):
        return Layout((stage,), onset=0, has_header=False)
    numbers = [[optional_number(cell) for cell in cells] for cells in before]
    if not before or any(None in cells for cells in numbers) or len(before) > 2:
        return None
    if len(before) == 2:
        return _lengths_or_ends(stage, before)
    return _epochs_or_seconds(stage, [number for number in numbers[0] if number is not None])


def _lengths_or_ends(stage: StageColumn, before: Sequence[Sequence[str]]) -> Layout:
    """Tell durations from ends beside the onsets.

    Raises
    ------
    StageFileError
        When the stages follow each other by both.
    """
    firsts, seconds = ([optional_number(cell) or 0.0 for cell in cells] for cells in before)
    have_ends = are_ends(list(zip(firsts, seconds, strict=True)))
    if have_ends is None:
        raise StageFileError(
            "The second number of each row may be the end of a stage or its length",
            where="column 2",
            advice="Write the names of the columns above them: onset, duration (or end), stage.",
        )
    note = "The columns have no names; the second was taken as the {}."
    notes = (note.format("end" if have_ends else "duration"),)
    if have_ends:
        return Layout((stage,), onset=0, end=1, has_header=False, notes=notes)
    return Layout((stage,), onset=0, duration=1, has_header=False, notes=notes)


def _are_codes(cells: Sequence[str]) -> bool:
    """Whether a column can be integer codes of stages; 0 and 1 alone may be a flag."""
    codes = {code_of(cell) for cell in cells}
    return codes <= _CODES and not codes <= {0, 1}


def _mostly_stages(cells: Sequence[str]) -> bool:
    return sum(map(is_stage, cells)) > len(cells) / 2


def _epochs_or_seconds(stage: StageColumn, numbers: Sequence[float]) -> Layout | None:
    steps = [after - each for each, after in pairwise(numbers)]
    note = "The columns have no names; the first was taken as the {}."
    if steps and min(steps) == 1:
        taken = note.format("number of the epoch")
        return Layout((stage,), epoch=0, has_header=False, notes=(taken,))
    if steps and min(steps) >= 10:
        taken = note.format("onset in seconds")
        return Layout((stage,), onset=0, has_header=False, notes=(taken,))
    return None
