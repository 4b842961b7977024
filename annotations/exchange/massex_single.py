"""A single MASS-EX csv, beside which its epochs.csv may be given."""

from pathlib import Path

from annotations.exchange.massex_files import bounded_bytes, read_massex
from annotations.exchange.placing import NO_TIMES, contents_of, place_by_number, place_by_sidecar
from annotations.scoring.scores import ScoreContent
from jobs.reader import Reader
from psg.epochs import EpochGrid
from psg.errors import StageFileError
from psg.massex import Problems, Sidecar, checked_grid, read_epochs
from psg.rules.editions import get_edition
from recordings.models import Recording

GIVE_TIMES_HERE = "Give its epochs.csv, or declare that its N are epochs of this recording."


def grid_of_massex(path: Path, epochs_path: Path | None = None) -> EpochGrid:
    """Return the grid that contains all epochs of a MASS-EX csv.

    Raises
    ------
    StageFileError
        When the file cannot be read, or has no epochs.
    """
    return Reader().read(lambda _: _massex_grid(path, epochs_path))


def _massex_grid(path: Path, epochs_path: Path | None) -> EpochGrid:
    rows = read_massex(path)
    if epochs_path is None:
        return checked_grid(EpochGrid(0.0, max(row.number for row in rows) + 1))
    return read_epochs(bounded_bytes(epochs_path)).get(rows[0].subject, Sidecar()).grid()


def massex_contents(
    recording: Recording, path: Path, epochs_path: Path | None, *, n_is_index: bool
) -> list[tuple[int, ScoreContent]]:
    """Return the contents of the epochs of a recording, placed by epochs.csv or by number.

    Raises
    ------
    PsgError
        When the file cannot be read, has no times, or does not fit the recording.
    """
    edition = get_edition(recording.study.rule_edition)
    reader = Reader()
    rows = reader.read(lambda _: read_massex(path, edition=edition))
    if epochs_path is None and not n_is_index:
        raise StageFileError(NO_TIMES, advice=GIVE_TIMES_HERE)
    placement = place_by_number(rows)
    if epochs_path is not None:
        problems = Problems()
        nights = reader.read(lambda _: read_epochs(bounded_bytes(epochs_path)))
        sidecar = nights.get(rows[0].subject, Sidecar())
        placement = place_by_sidecar(rows, sidecar, recording.grid, problems)
        problems.raise_first()
    return sorted(contents_of(rows, placement).items())
