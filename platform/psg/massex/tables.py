"""Csv files of strangers: decoded, bounded, and cut into rows that say where they begin."""

import csv
import io
from collections.abc import Iterator, Sequence

from psg.errors import StageFileError
from psg.massex.problems import Problems

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
    """Yield the first line and the cells of every whole row; others become problems.

    Parameters
    ----------
    limit_bytes : int or None
        Most of a file; None where whoever reads it brought it along.

    Raises
    ------
    StageFileError
        When the file as a whole cannot be read, or its columns are none of `layouts`.
    """
    text = _text(data, limit_bytes)
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


def _text(data: bytes, limit_bytes: int | None) -> str:
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
            advice="Is a quotation mark missing?",
        )
    advice = "Was it cut off?" if "unexpected end" in why else "Is a quotation mark out of place?"
    return StageFileError(f"Not a readable csv file: {why}", where=f"line {line} on", advice=advice)
