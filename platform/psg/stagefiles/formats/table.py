"""Tables (csv, tsv): a row for each epoch, or a list of stages and other events.

Onsets are seconds, or times of day with or without a date; several columns of stages are several
scorers. MNE, BIDS, yasa and spreadsheets write such tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from psg.errors import StageFileError
from psg.stagefiles.clocks import read_clock
from psg.stagefiles.codes import code_of
from psg.stagefiles.columnnames import column_name
from psg.stagefiles.columns import find_layout
from psg.stagefiles.declared import declared_texts
from psg.stagefiles.facts import StageFile, StageOptions
from psg.stagefiles.fields import number_of
from psg.stagefiles.format import Content, StageFormat
from psg.stagefiles.gathering import stage_file
from psg.stagefiles.header_lines import with_described
from psg.stagefiles.layouts import Layout, StageColumn
from psg.stagefiles.rows import Reading, Row, read_rows
from psg.stagefiles.scorerlabels import rows_by_scorer
from psg.stagefiles.tables import EMPTY, Table, read_table
from psg.stagefiles.tabletimes import RowTimes, row_times, rows_of
from psg.stagefiles.words import stage_word

_SUFFIXES = {".csv", ".tsv"}
# XML and json.
_OTHERS = ("<", "{", "[")


def _recognises(content: Content) -> bool:
    if not content.is_text:
        return False
    if content.suffix in _SUFFIXES:
        return True
    if content.text.lstrip().startswith(_OTHERS):
        return False
    try:
        table = read_table(content.lines)
        layout = find_layout(table) if table.is_even else None
    except StageFileError:
        return False
    # Times of day and stages without names of columns are lists of another format.
    is_clock_list = layout is not None and not layout.has_header and _has_clock(table)
    is_wide = table.width > 1 or table.is_beside
    return is_wide and layout is not None and not is_clock_list


def _has_clock(table: Table) -> bool:
    return any(read_clock(cell) for cell in table.rows[0][1])


def _read(content: Content, options: StageOptions) -> StageFile:
    declared = declared_texts(options.unscored, options.meanings)
    return file_of_table(FORMAT.id, read_table(content.lines, declared), options)


def file_of_table(format_id: str, table: Table, options: StageOptions) -> StageFile:
    """Read the stages of a table, of whatever container.

    Raises
    ------
    StageFileError
    """
    layout = find_layout(table)
    if layout is None:
        raise StageFileError(
            "The table has no column of stages that is known, or none of their times",
            where=f"{table.width} columns",
            advice="Name the columns stage, and epoch (its number) or onset (seconds or a time).",
        )
    times = row_times(table, layout, options)
    readings = [
        reading
        for column in layout.stages
        for reading in _by_scorer(table, layout, times, column, options)
    ]
    notes = [note for note in (*layout.notes, times.note, _below(table)) if note]
    file = stage_file(format_id, readings, options, notes=notes, days=times.days)
    header = [" ".join(table.header)] if layout.has_header else []
    once = table.single_cells(after_header=layout.has_header)
    return with_described(file, [*table.described, *header, *once], options)


def _below(table: Table) -> str:
    count = table.left_out
    return f"Lines below the table, without a time or a stage, left out: {count}." if count else ""


# Rows of a scorer.


def _by_scorer(
    table: Table, layout: Layout, times: RowTimes, column: StageColumn, options: StageOptions
) -> Iterator[Reading]:
    by_name: dict[str, list[Row]] = {}
    for row, scorer in _stage_rows(table, layout, times, column):
        by_name.setdefault(scorer or column.scorer, []).append(row)
    if set(by_name) == {""}:
        by_name = {scorer: [*its] for scorer, its in rows_by_scorer(by_name[""]).items()}
    for scorer, rows in by_name.items():
        yield read_rows(
            rows,
            options,
            scorer=scorer,
            clock_s=times.clock_s,
            may_be_elapsed=times.may_be_elapsed,
            by_epoch=times.by_epoch,
            numbered_from=times.numbered_from,
        )


def _stage_rows(
    table: Table, layout: Layout, times: RowTimes, column: StageColumn
) -> Iterator[tuple[Row, str]]:
    are_stages = times.are_runs or _are_unknown_stages(table, layout, column)
    for (number, cells), onset_s, duration_s in zip(
        rows_of(table, layout), times.onsets_s, times.durations_s, strict=True
    ):
        where, text = f"{table.row_word} {number}", _cell(cells, column.index)
        if onset_s is None:
            if text.lower() not in EMPTY:
                number_of("", where)
            continue
        channel = _cell(cells, layout.channel)
        is_stage = True if are_stages else None
        row = Row(onset_s, duration_s, text, where, channel, is_stage=is_stage)
        yield row, _cell(cells, layout.scorer)[:60]


def _are_unknown_stages(table: Table, layout: Layout, column: StageColumn) -> bool:
    """Whether a column is named for stages, and none of its words is known."""
    names_stages = layout.has_header and column_name(table.header[column.index]).names_stages
    return names_stages and not any(
        stage_word(cell) or code_of(cell) is not None
        for cell in table.column(column.index, after_header=True)
        if cell
    )


def _cell(cells: Sequence[str], index: int | None) -> str:
    return cells[index] if index is not None and index < len(cells) else ""


FORMAT = StageFormat(
    id="table",
    title="Table (csv, tsv)",
    suffixes=(".csv", ".tsv", ".txt"),
    recognises=_recognises,
    read=_read,
    reads="A column of stages (several are several scorers), and a column of epoch numbers, or of"
    " onsets in seconds or as times of day, with durations or ends; other events between the"
    " stages. MNE annotations, BIDS events, yasa and spreadsheets, with a decimal comma between"
    " semicolons.",
    refuses="Onsets in samples, a column that may hold the times or the lengths of the stages and"
    " has no name that is known, and"
    " tables without a column of stages.",
    description="https://bids-specification.readthedocs.io/en/stable/modality-specific-files/"
    "events.html",
    is_general=True,
)
