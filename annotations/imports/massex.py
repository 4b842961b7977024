"""Reading MASS-EX csv files back: rows as they are, fine or coarse."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotations.exports.massex import COARSE_COLUMNS, FINE_COLUMNS, FORMULA_STARTS, custom_id
from annotations.imports.problems import Problems
from annotations.imports.tables import LIMIT_BYTES, read_rows
from psg.errors import StageFileError
from psg.rules.editions import RuleEdition
from psg.stages import STAGES
from studies.models import Track

LONGEST_RATIONALE = 10_000
_STAGES = {stage.value for stage in STAGES}


@dataclass(frozen=True)
class MassexRow:
    """One annotated epoch of a MASS-EX file, and the line it begins in."""

    subject: str
    number: int
    stage: str
    rules: tuple[str, ...]
    rationale: str
    line: int = 0


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
        if row := _row(cells, line, problems):
            _check_rules(row, edition, problems)
            rows.append(row)
    _check_once(rows, problems)
    return MassexTable(track, rows, problems)


def count(text: str) -> int:
    """Read a count of epochs.

    Raises
    ------
    StageFileError
    """
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise StageFileError(f"“{text[:20]}” is not a count")
    return int(text)


def _row(cells: Mapping[str, str], line: int, problems: Problems) -> MassexRow | None:
    subject, stage, rationale = cells["Subject"], cells["Stage"], cells.get("reasoning_text", "")
    try:
        number = count(cells["N"])
    except StageFileError as error:
        problems.error(error.what, line=line, advice="N counts epochs from 0.")
        return None
    if not subject or len(subject) > 60 or _controls(subject):
        problems.error("Subject is empty, too long, or no text", line=line)
        return None
    if stage not in _STAGES:
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
