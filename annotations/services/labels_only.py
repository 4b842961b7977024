"""Recordings that have labels and no signals, made from a scoring file."""

from pathlib import Path

from django.db import transaction

from annotations.imports.massex import is_massex, read_epochs, read_massex
from psg.epochs import EpochGrid, grid_for
from psg.errors import StageFileError
from psg.stagefiles import CodeMap, read_stage_file
from psg.stages import EPOCH_S
from recordings.models import Recording, Subject
from studies.models import Study


@transaction.atomic
def labels_only_recording(*, study: Study, name: str, grid: EpochGrid) -> Recording:
    """Make a recording that a scoring can lie on."""
    subject, _ = Subject.objects.get_or_create(study=study, code=name[:60])
    return Recording.objects.create(
        study=study,
        subject=subject,
        name=name,
        state=Recording.State.LABELS_ONLY,
        epoch_count=grid.epoch_count,
        epoch0_s=grid.epoch0_s,
        duration_s=grid.onset_s(grid.epoch_count),
        notes=["This recording was made from a scoring; it has no signals."],
    )


def grid_of_file(
    *, path: Path, epochs_path: Path | None = None, code_map: CodeMap | None = None
) -> EpochGrid:
    """Lay the grid that a scoring file asks for, so that all of its epochs are on it.

    Raises
    ------
    StageFileError
        When the file cannot be read, or has no epochs.
    """
    if is_massex(path):
        return _massex_grid(path, epochs_path)
    entries = read_stage_file(path, code_map=code_map)
    end_s = max(entry.onset_s + entry.duration_s for entry in entries)
    return grid_for(end_s, entries)


def _massex_grid(path: Path, epochs_path: Path | None) -> EpochGrid:
    if epochs_path is None:
        numbers = [row.number for row in read_massex(path)]
        return _checked(EpochGrid(0.0, max(numbers, default=-1) + 1))
    places = list(read_epochs(epochs_path).values())
    if not places:
        return _checked(EpochGrid(0.0, 0))
    epoch0_s = places[0].onset_s - EPOCH_S * places[0].epoch
    return _checked(EpochGrid(epoch0_s, max(place.epoch for place in places) + 1))


def _checked(grid: EpochGrid) -> EpochGrid:
    if grid.epoch_count == 0 or grid.epoch0_s < 0:
        raise StageFileError(
            "The file does not say which epochs a night has", advice="Is it the whole file?"
        )
    return grid
