"""Reading MASS-EX csv files back, fine or coarse: rows as they are, checked against each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from psg.massex import (
    COARSE_COLUMNS,
    FINE_COLUMNS,
    LIMIT_BYTES,
    MassexRow,
    Problems,
    read_row,
    read_rows,
)
from psg.rules.editions import RuleEdition
from studies.models import Track


@dataclass(frozen=True)
class MassexTable:
    """One csv file: its rows, and what is wrong with it. With errors the rows are a part."""

    track: Track
    rows: Sequence[MassexRow]
    problems: Problems

    @property
    def subject(self) -> str:
        return self.rows[0].subject if self.rows else ""


def is_massex(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16).removeprefix(b"\xef\xbb\xbf").startswith(b"custom_id,")


def read_massex(path: Path, *, edition: RuleEdition | None = None) -> list[MassexRow]:
    """Read a fine or coarse file as a whole.

    Raises
    ------
    StageFileError
        When columns, ids, numbers, stages or rules are not as MASS-EX has them.
    """
    table = read_table(bounded_bytes(path), edition=edition)
    table.problems.raise_first()
    return list(table.rows)


def bounded_bytes(path: Path) -> bytes:
    """Read a file, one byte more than is allowed at most."""
    with path.open("rb") as file:
        return file.read(LIMIT_BYTES + 1)


def read_table(data: bytes, *, edition: RuleEdition | None = None) -> MassexTable:
    """Read a fine or coarse file with everything that is wrong with it.

    Raises
    ------
    StageFileError
        When the file as a whole cannot be read.
    """
    problems = Problems()
    rows: list[MassexRow] = []
    track = Track.COARSE
    for line, cells in read_rows(data, (FINE_COLUMNS, COARSE_COLUMNS), problems):
        track = Track.FINE if "reasoning_text" in cells else Track.COARSE
        if row := read_row(cells, line, problems):
            _check_rules(row, edition, problems)
            rows.append(row)
    _check_once(rows, problems)
    return MassexTable(track, rows, problems)


def _check_rules(row: MassexRow, edition: RuleEdition | None, problems: Problems) -> None:
    """Unknown rules are errors; a rule that cannot support the stage is told, and taken."""
    for rule_id in row.rules if edition else ():
        assert edition is not None
        if rule_id not in edition:
            what = f"“{rule_id[:40]}” is not a rule of {edition.title}"
            problems.error(what, line=row.line, advice=f"Known: {', '.join(edition.rule_ids)}.")
        elif row.stage not in edition.rule(rule_id).supports:
            supports = ", ".join(edition.rule(rule_id).supports)
            problems.warn(f"{rule_id} supports {supports}, not {row.stage}", line=row.line)


def _check_once(rows: Sequence[MassexRow], problems: Problems) -> None:
    first: dict[int, int] = {}
    for row in rows:
        if row.number in first:
            what = "The same N occurs twice"
            advice = f"N {row.number} stands in line {first[row.number]} too."
            problems.error(what, line=row.line, advice=advice)
        first.setdefault(row.number, row.line)
        if row.subject != rows[0].subject:
            what = "The file holds several subjects"
            problems.error(what, line=row.line, advice="One file a night.")
    if not rows and not problems.has_errors:
        problems.error("The file has no rows", advice="Was it cut off?")
