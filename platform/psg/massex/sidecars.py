"""epochs.csv: the times of all epochs of a night."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from psg.epochs import EpochGrid
from psg.errors import StageFileError
from psg.massex.layout import EPOCHS_COLUMNS, UNSCORED_TEXT
from psg.massex.problems import Problems
from psg.massex.rows import count, seconds
from psg.massex.tables import LIMIT_BYTES, read_rows
from psg.stages import EPOCH_S

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
