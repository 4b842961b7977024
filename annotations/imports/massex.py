"""Reading MASS-EX csv files back: rows as they are, and where each belongs on the grid."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotations.exports.massex import COARSE_COLUMNS, EPOCHS_COLUMNS, FINE_COLUMNS, custom_id
from psg.errors import StageFileError
from psg.stages import STAGES

LIMIT_BYTES = 32 * 2**20


@dataclass(frozen=True)
class MassexRow:
    """One annotated epoch of a MASS-EX file."""

    subject: str
    number: int
    stage: str
    rules: tuple[str, ...]
    rationale: str


@dataclass(frozen=True)
class Placed:
    """Where an epoch of the file lies: index on the grid, onset, stage at the source."""

    epoch: int
    onset_s: float
    source_text: str


def is_massex(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16).removeprefix(b"\xef\xbb\xbf").startswith(b"custom_id,")


def read_massex(path: Path) -> list[MassexRow]:
    """Read a fine or coarse file.

    Raises
    ------
    StageFileError
        When columns, ids, numbers or stages are not as MASS-EX has them.
    """
    rows = [_row(cells, line) for line, cells in _table(path, FINE_COLUMNS, COARSE_COLUMNS)]
    numbers = [row.number for row in rows]
    if len(set(numbers)) != len(numbers):
        twice = next(n for n in numbers if numbers.count(n) > 1)
        raise StageFileError(
            "The same N occurs twice", where=f"N {twice}", advice="Is this more than one night?"
        )
    return rows


def read_epochs(path: Path) -> dict[tuple[str, int], Placed]:
    """Read the sidecar: from subject and N to the place on the grid."""
    return {
        (cells["Subject"], _integer(cells["N"], line)): Placed(
            epoch=_integer(cells["epoch"], line),
            onset_s=_number(cells["onset_s"], line),
            source_text=cells["original_stage"],
        )
        for line, cells in _table(path, EPOCHS_COLUMNS)
        if cells["N"] != ""
    }


def _row(cells: Mapping[str, str], line: int) -> MassexRow:
    number, stage = _integer(cells["N"], line), cells["Stage"]
    if stage not in {known.value for known in STAGES}:
        raise _error(f"“{stage[:20]}” is not a stage of MASS-EX", line, "Stages: W, N1, N2, N3, R.")
    if cells["custom_id"] != custom_id(cells["Subject"], number, stage):
        raise _error("custom_id does not fit Subject, N and Stage", line, "Was the file edited?")
    return MassexRow(
        subject=cells["Subject"],
        number=number,
        stage=stage,
        rules=tuple(
            rule for part in cells["applicable_rules"].split(",") if (rule := part.strip())
        ),
        rationale=cells.get("reasoning_text", ""),
    )


def _table(path: Path, *layouts: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        columns = next(reader, [])
        if tuple(columns) not in layouts:
            raise StageFileError(
                "The columns are not those of MASS-EX",
                where=", ".join(columns[:8]) or "no columns",
                advice="Expected: " + " or ".join(",".join(layout) for layout in layouts) + ".",
            )
        for cells in reader:
            if len(cells) != len(columns):
                raise _error(f"{len(cells)} cells, not {len(columns)}", reader.line_num, "")
            yield reader.line_num, dict(zip(columns, cells, strict=True))
    except csv.Error as error:
        raise _error(f"Not a readable csv file: {error}", reader.line_num, "") from None


def _text(path: Path) -> str:
    if path.stat().st_size > LIMIT_BYTES:
        raise StageFileError(
            "The file is too large", where=f"over {LIMIT_BYTES // 2**20} MiB", advice="One night?"
        )
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StageFileError(
            "The file is not UTF-8", where=f"byte {error.start}", advice="Save it as UTF-8."
        ) from None


def _integer(text: str, line: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise _error(f"“{text[:20]}” is not a count", line, "")
    return int(text)


def _number(text: str, line: int) -> float:
    try:
        return float(text)
    except ValueError:
        raise _error(f"“{text[:20]}” is not a number of seconds", line, "") from None


def _error(what: str, line: int, advice: str) -> StageFileError:
    return StageFileError(what, where=f"line {line}", advice=advice or "Export the file again.")
