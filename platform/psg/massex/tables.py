"""Tables of unknown origin: decoded, bounded, and split into rows with their line numbers."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence

from psg.errors import StageFileError
from psg.massex.layout import COARSE_COLUMNS, FINE_COLUMNS
from psg.massex.problems import Problems
from psg.massex.rows import MassexRow, read_row

LIMIT_BYTES = 32 * 2**20
# No line of a table is longer, and a line of a million empty cells is not even split.
LONGEST_LINE = 200_000
LONGEST_CELL = 100_000
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

Row = tuple[int, dict[str, str]]


def read_rows(
    data: bytes,
    layouts: Sequence[Sequence[str]],
    problems: Problems,
    *,
    limit_bytes: int | None = LIMIT_BYTES,
) -> Iterator[Row]:
    """Yield the line and the cells of every whole row; others become problems.

    Parameters
    ----------
    limit_bytes : int or None
        Largest file size; None for files from a trusted source.

    Raises
    ------
    StageFileError
        When the file as a whole cannot be read, or its columns are none of `layouts`.
    """
    text = _decoded(data, limit_bytes)
    reader = csv.reader(_lines(text), strict=True)
    line = 1
    try:
        columns = _columns(next(reader, []), layouts)
        while True:
            line = reader.line_num + 1
            cells = next(reader, None)
            if cells is None:
                break
            if len(cells) != len(columns):
                what = f"The row has {len(cells)} cells, not {len(columns)}"
                problems.error(what, line=line, advice="Export the file again.")
                continue
            yield line, dict(zip(columns, cells, strict=True))
    except csv.Error as error:
        raise _unreadable(str(error), line) from None
    if not text.endswith(("\n", "\r")):
        problems.warn(
            "The last line has no end", line=line - 1, advice="Was the file cut off on its way?"
        )


def _decoded(data: bytes, limit_bytes: int | None) -> str:
    if limit_bytes is not None and len(data) > limit_bytes:
        raise StageFileError(
            "The file is too large", where=f"over {limit_bytes // 2**20} MiB", advice="One night?"
        )
    if data.startswith(_UTF_16):
        raise StageFileError("The file is not UTF-8", where="it is UTF-16", advice=_SAVE_UTF_8)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise StageFileError(
            "The file is not UTF-8", where=f"line {line}", advice=_SAVE_UTF_8
        ) from None


_SAVE_UTF_8 = "Save it as csv in UTF-8."


def _lines(text: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > LONGEST_LINE:
            raise StageFileError(
                f"A line has {len(line):,} characters",
                where=f"line {number}",
                advice=f"At most {LONGEST_LINE:,} are read. Is this a table of MASS-EX?",
            )
        yield line


def _columns(columns: list[str], layouts: Sequence[Sequence[str]]) -> list[str]:
    if any(tuple(columns) == tuple(layout) for layout in layouts):
        return columns
    if len(columns) == 1 and (";" in columns[0] or "\t" in columns[0]):
        raise StageFileError(
            "The cells are not separated by commas",
            where="line 1",
            advice="Save it with commas: spreadsheets of many countries use semicolons.",
        )
    raise StageFileError(
        "The columns are not those of MASS-EX",
        where=", ".join(columns[:8])[:120] or "no columns",
        advice="Expected: " + " or ".join(",".join(layout) for layout in layouts) + ".",
    )


def _unreadable(why: str, line: int) -> StageFileError:
    if "field larger" in why:
        return StageFileError(
            f"A cell has more than {LONGEST_CELL:,} characters",
            where=f"line {line}",
            advice="Check the quotation marks.",
        )
    advice = (
        "Check that the file was not cut off."
        if "unexpected end" in why
        else "Check the quotation marks."
    )
    return StageFileError(f"Not a readable csv file: {why}", where=f"line {line} on", advice=advice)


def read_table(
    data: bytes,
    problems: Problems,
    *,
    check: Callable[[MassexRow], None] = lambda row: None,
    limit_bytes: int | None = LIMIT_BYTES,
) -> tuple[list[MassexRow], bool]:
    """Read the rows of a fine or coarse table, of a night or of several.

    Parameters
    ----------
    check : callable
        Is called with every row, and may add to `problems`, which are in order of lines.

    Returns
    -------
    rows : list of MassexRow
        Rows with an error are missing; the errors are in `problems`.
    is_fine : bool
        Whether the table has rationales.

    Raises
    ------
    StageFileError
        When the file as a whole cannot be read.
    """
    rows: list[MassexRow] = []
    is_fine = False
    for line, cells in read_rows(
        data, (FINE_COLUMNS, COARSE_COLUMNS), problems, limit_bytes=limit_bytes
    ):
        is_fine = "reasoning_text" in cells
        if row := read_row(cells, line, problems):
            check(row)
            rows.append(row)
    return rows, is_fine
