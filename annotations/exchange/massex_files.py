"""MASS-EX csv files and their sidecars, read with everything that is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from psg import massex
from psg.errors import PsgError, StageFileError
from psg.lights import Lights
from psg.massex import (
    LIGHTS_COLUMNS,
    LIMIT_BYTES,
    MOST_EPOCHS,
    MassexRow,
    Problems,
    read_rows,
    seconds,
)
from psg.rules.editions import RuleEdition
from studies.models import Track


@dataclass(frozen=True)
class MassexTable:
    """The rows of a csv file, and its problems. With errors some rows are missing."""

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
    """Read a file, up to a single byte more than allowed, so that readers notice it."""
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
    rows, is_fine = massex.read_table(
        data, problems, check=lambda row: _check_rules(row, edition, problems)
    )
    if len(rows) > MOST_EPOCHS:
        raise StageFileError(
            f"The table has {len(rows):,} rows, more than a week of epochs",
            where=f"over {MOST_EPOCHS:,} rows",
            advice="Use one file per recording.",
        )
    _check_once(rows, problems)
    return MassexTable(Track.FINE if is_fine else Track.COARSE, rows, problems)


def _check_rules(row: MassexRow, edition: RuleEdition | None, problems: Problems) -> None:
    """Unknown rules are errors; a rule that cannot support the stage is a warning."""
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
            advice = f"N {row.number} is also in line {first[row.number]}."
            problems.error(what, line=row.line, advice=advice)
        first.setdefault(row.number, row.line)
        if row.subject != rows[0].subject:
            what = "The file holds several subjects"
            problems.error(what, line=row.line, advice="Use one file per recording.")
    if not rows and not problems.has_errors:
        problems.error("The file has no rows", advice="Was it cut off?")


# lights.csv


@dataclass(frozen=True)
class NightLights:
    """Lights of a night: the marks of the scorer, and those of the recording."""

    own: Lights
    recording: Lights


def read_lights_table(data: bytes) -> dict[str, NightLights]:
    """Read lights.csv by subject.

    Raises
    ------
    StageFileError
    """
    problems, nights = Problems(), dict[str, NightLights]()
    for line, cells in read_rows(data, (LIGHTS_COLUMNS,), problems):
        try:
            nights[cells["Subject"]] = NightLights(
                own=_marks(cells, "scorer"), recording=_marks(cells, "recording")
            )
        except PsgError as error:
            problems.error(error.what, line=line, advice=error.advice)
    problems.raise_first()
    return nights


def _marks(cells: Mapping[str, str], whose: str) -> Lights:
    off_s, on_s = (
        seconds(cells[f"lights_{mark}_s"]) if cells[f"lights_{mark}_from"] == whose else None
        for mark in ("off", "on")
    )
    return Lights(off_s, on_s)
