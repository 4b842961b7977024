"""Reading MASS-EX csv files and the sidecars beside them, checked against each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from annotations.exchange.massex_tables import UNSCORED_TEXT
from psg.epochs import EpochGrid
from psg.errors import PsgError, StageFileError
from psg.lights import Lights
from psg.massex import (
    COARSE_COLUMNS,
    EPOCHS_COLUMNS,
    FINE_COLUMNS,
    LIGHTS_COLUMNS,
    LIMIT_BYTES,
    MassexRow,
    Problems,
    count,
    read_row,
    read_rows,
    seconds,
)
from psg.rules.editions import RuleEdition
from psg.stages import EPOCH_S
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


# The tables beside the nights of a MASS-EX export: when each epoch was, and lights off and on.


MOST_EPOCHS = 20_160
"""A week; a longer night is a mistake in a cell."""


@dataclass(frozen=True)
class Placed:
    """Where an epoch lies: index on the grid, onset, stage in the words of the source."""

    epoch: int
    onset_s: float
    source_text: str


@dataclass
class Sidecar:
    """One night of epochs.csv: epochs that have an N, and epochs that were left out."""

    kept: dict[int, Placed] = field(default_factory=dict)
    left_out: list[Placed] = field(default_factory=list)

    def __iter__(self) -> Iterator[Placed]:
        yield from self.kept.values()
        yield from self.left_out

    @property
    def texts(self) -> dict[int, str]:
        """The words of left-out epochs that say more than that there is no stage."""
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


@dataclass(frozen=True)
class NightLights:
    """Marks of a night: the scorer's own, and those of the recording where these are open."""

    own: Lights
    recording: Lights


def checked_grid(grid: EpochGrid) -> EpochGrid:
    """Give back a grid that a night can have.

    Raises
    ------
    StageFileError
    """
    if not 0 < grid.epoch_count <= MOST_EPOCHS or grid.epoch0_s < 0:
        raise StageFileError(
            "The file does not say which epochs a night has", advice="Is it the whole file?"
        )
    return grid


def read_epochs(data: bytes) -> dict[str, Sidecar]:
    """Read epochs.csv by subject.

    Raises
    ------
    StageFileError
    """
    problems, nights = Problems(), dict[str, Sidecar]()
    for line, cells in read_rows(data, (EPOCHS_COLUMNS,), problems):
        try:
            _place(nights.setdefault(cells["Subject"], Sidecar()), cells)
        except PsgError as error:
            problems.error(error.what, line=line, advice=error.advice)
    _check_epochs_once(nights, problems)
    problems.raise_first()
    return nights


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


def _place(night: Sidecar, cells: Mapping[str, str]) -> None:
    place = Placed(count(cells["epoch"]), seconds(cells["onset_s"]), cells["original_stage"][:80])
    if cells["N"] == "":
        night.left_out.append(place)
    elif night.kept.setdefault(count(cells["N"]), place) is not place:
        raise StageFileError("The same Subject and N occur twice", advice="One row an epoch.")


def _check_epochs_once(nights: Mapping[str, Sidecar], problems: Problems) -> None:
    for subject, night in nights.items():
        epochs = [place.epoch for place in night]
        if len(set(epochs)) < len(epochs):
            problems.error(f"An epoch of {subject[:60]} occurs twice", advice="One row an epoch.")


def _marks(cells: Mapping[str, str], whose: str) -> Lights:
    off_s, on_s = (
        seconds(cells[f"lights_{mark}_s"]) if cells[f"lights_{mark}_from"] == whose else None
        for mark in ("off", "on")
    )
    return Lights(off_s, on_s)
