"""MASS-EX: tables of stages, rules and rationales, a line for each annotated epoch."""

import csv
import io
import math
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from psg.epochs import EpochGrid
from psg.errors import PsgError, StageFileError, as_text
from psg.stages import EPOCH_S, STAGES

# The layout of tables: fine with rationales, coarse without, and sidecar tables.

FINE_COLUMNS = ("custom_id", "Subject", "N", "Stage", "reasoning_text", "applicable_rules")
COARSE_COLUMNS = ("custom_id", "Subject", "N", "Stage", "applicable_rules")
LIGHTS_COLUMNS = ("Subject", "lights_off_s", "lights_on_s", "lights_off_from", "lights_on_from")
EPOCHS_COLUMNS = ("Subject", "N", "epoch", "onset_s", "original_stage")

# The wide forms are read as the plain ones where East Asian input is set up.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def custom_id(subject: str, number: int, stage: str) -> str:
    return f"{subject}#{number}_{stage}"


# Problems of a file: each kind once, with its first line and its number.

MOST_KINDS = 20


class ProblemLevel(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """An error or a warning: what, in which line first, and what to do."""

    level: ProblemLevel
    what: str
    line: int | None = None
    advice: str = ""
    count: int = 1


class Problems:
    """The problems of a file in their order, errors before warnings."""

    def __init__(self) -> None:
        self._problems: dict[tuple[ProblemLevel, str], Problem] = {}
        self._more = 0

    def __iter__(self) -> Iterator[Problem]:
        yield from sorted(self._problems.values(), key=lambda problem: problem.level)
        if self._more:
            yield Problem(ProblemLevel.ERROR, f"{self._more} more problems like these")

    @property
    def has_errors(self) -> bool:
        return any(level is ProblemLevel.ERROR for level, _ in self._problems)

    def error(self, what: str, *, line: int | None = None, advice: str = "") -> None:
        self._add(Problem(ProblemLevel.ERROR, as_text(what), line, as_text(advice)))

    def warn(self, what: str, *, line: int | None = None, advice: str = "") -> None:
        self._add(Problem(ProblemLevel.WARNING, as_text(what), line, as_text(advice)))

    def refuse(self, error: PsgError) -> None:
        """Add an error that ended the reading."""
        where = f" ({error.where})" if error.where else ""
        self.error(f"{error.what}{where}", advice=error.advice)

    def raise_first(self) -> None:
        """Raise the first error, for callers that need the whole file.

        Raises
        ------
        StageFileError
        """
        for problem in self:
            if problem.level is ProblemLevel.ERROR:
                where = f"line {problem.line}" if problem.line else ""
                raise StageFileError(problem.what, where=where, advice=problem.advice)

    def _add(self, problem: Problem) -> None:
        key = (problem.level, problem.what)
        if known := self._problems.get(key):
            self._problems[key] = replace(known, count=known.count + 1)
        elif len(self._problems) < MOST_KINDS:
            self._problems[key] = problem
        else:
            self._more += 1


# Rows: cells checked singly.

LONGEST_RATIONALE = 10_000
_STAGE_NAMES = {stage.value for stage in STAGES}


@dataclass(frozen=True)
class MassexRow:
    """An annotated epoch of a MASS-EX file, and the line in which it begins."""

    subject: str
    number: int
    stage: str
    rules: tuple[str, ...]
    rationale: str
    line: int = 0


def read_row(cells: Mapping[str, str], line: int, problems: Problems) -> MassexRow | None:
    """Read the cells of a row; None, and a problem, where it is no annotated epoch."""
    subject, stage, rationale = cells["Subject"], cells["Stage"], cells.get("reasoning_text", "")
    try:
        number = count(cells["N"])
    except StageFileError as error:
        problems.error(error.what, line=line, advice="N counts epochs from 0.")
        return None
    if not subject or len(subject) > 60 or _controls(subject):
        problems.error("Subject is empty, too long, or no text", line=line)
        return None
    if stage not in _STAGE_NAMES:
        what = f"“{stage[:20]}” is not a stage of MASS-EX"
        problems.error(what, line=line, advice="Stages: W, N1, N2, N3, R.")
        return None
    if cells["custom_id"] != custom_id(subject, number, stage):
        what = "custom_id does not fit Subject, N and Stage"
        problems.error(what, line=line, advice="Was the file edited? It is Subject#N_Stage.")
        return None
    _check_words(rationale, line, problems)
    parts = (part.strip() for part in cells["applicable_rules"].split(","))
    return MassexRow(subject, number, stage, tuple(p for p in parts if p), rationale, line)


def count(text: str) -> int:
    """Read a count of epochs.

    Raises
    ------
    StageFileError
    """
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise StageFileError(f"“{text[:20]}” is not a count")
    return int(text)


def seconds(text: str) -> float:
    """Read a time.

    Raises
    ------
    StageFileError
    """
    try:
        value_s = float(text)
    except ValueError:
        value_s = math.nan
    if not math.isfinite(value_s):
        raise StageFileError(f"“{text[:20]}” is not a number of seconds")
    return value_s


def _check_words(rationale: str, line: int, problems: Problems) -> None:
    if len(rationale) > LONGEST_RATIONALE:
        what = f"A rationale has more than {LONGEST_RATIONALE:,} characters"
        problems.error(what, line=line, advice="Shorten it.")
    if names := _controls(rationale):
        what = f"Control characters ({names}) are not text"
        problems.error(what, line=line, advice="Take them out.")
    if rationale.startswith("'") and rationale[1:].startswith(FORMULA_STARTS):
        problems.warn(
            "A rationale begins with an apostrophe as in the form for spreadsheets",
            line=line,
            advice="Import annotations/ of the export; spreadsheet/ is for looking at.",
        )
    elif rationale.startswith(FORMULA_STARTS):
        what = "A rationale begins like a formula; it is kept as text and never worked out"
        problems.warn(what, line=line)


def _controls(text: str) -> str:
    bad = {c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t\r"}
    return ", ".join(f"U+{ord(c):04X}" for c in sorted(bad))


# Csv files of unknown origin: decoded, bounded, and split into rows with their line numbers.

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


# epochs.csv: the times of all epochs of a night.


UNSCORED_TEXT = "?"
# A week; a longer night is a mistake in a cell.
MOST_EPOCHS = 20_160


@dataclass(frozen=True)
class Placed:
    """The place of an epoch: index on the grid, onset, and the stage as its source writes it."""

    epoch: int
    onset_s: float
    source_text: str


@dataclass
class Sidecar:
    """A night of epochs.csv: the epochs by N, and the epochs without N."""

    kept: dict[int, Placed] = field(default_factory=dict)
    left_out: list[Placed] = field(default_factory=list)

    def __iter__(self) -> Iterator[Placed]:
        yield from self.kept.values()
        yield from self.left_out

    @property
    def texts(self) -> dict[int, str]:
        """The stage texts of epochs without N, other than the text for “no stage”."""
        return {p.epoch: p.source_text for p in self.left_out if p.source_text != UNSCORED_TEXT}

    def grid(self) -> EpochGrid:
        """Lay the grid that the night was exported on.

        Raises
        ------
        StageFileError
        """
        places = list(self)
        epoch0_s = places[0].onset_s - EPOCH_S * places[0].epoch if places else 0.0
        return checked_grid(
            EpochGrid(round(epoch0_s, 6), max((p.epoch for p in places), default=-1) + 1)
        )


def checked_grid(grid: EpochGrid) -> EpochGrid:
    """Return the grid; refuse a grid that no night can have.

    Raises
    ------
    StageFileError
    """
    has_start = 0 <= grid.epoch0_s <= EPOCH_S * MOST_EPOCHS
    if not 0 < grid.epoch_count <= MOST_EPOCHS or not has_start:
        raise StageFileError(
            "The file does not say which epochs a night has",
            advice="Check that the file is complete.",
        )
    return grid


def read_epochs(data: bytes, *, limit_bytes: int | None = LIMIT_BYTES) -> dict[str, Sidecar]:
    """Read epochs.csv by subject; the stage texts of its source may be missing.

    Raises
    ------
    StageFileError
    """
    problems, nights = Problems(), dict[str, Sidecar]()
    layouts = (EPOCHS_COLUMNS, EPOCHS_COLUMNS[:-1])
    for line, cells in read_rows(data, layouts, problems, limit_bytes=limit_bytes):
        try:
            _place(nights.setdefault(cells["Subject"], Sidecar()), cells)
        except StageFileError as error:
            problems.error(error.what, line=line, advice=error.advice)
    _check_epochs_once(nights, problems)
    problems.raise_first()
    return nights


def _place(night: Sidecar, cells: Mapping[str, str]) -> None:
    place = Placed(
        count(cells["epoch"]), seconds(cells["onset_s"]), cells.get("original_stage", "")[:80]
    )
    if cells["N"] == "":
        night.left_out.append(place)
    elif night.kept.setdefault(count(cells["N"]), place) is not place:
        raise StageFileError(
            "The same Subject and N occur twice", advice="Use a row for each epoch."
        )


def _check_epochs_once(nights: Mapping[str, Sidecar], problems: Problems) -> None:
    for subject, night in nights.items():
        epochs = [place.epoch for place in night]
        if len(set(epochs)) < len(epochs):
            problems.error(
                f"An epoch of {subject[:60]} occurs twice", advice="Use a row for each epoch."
            )
