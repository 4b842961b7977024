"""Recordings that have labels and no signals, made from a scoring file."""

from pathlib import Path

from django.db import transaction

from annotations.imports.massex import bounded_bytes, is_massex, read_massex
from annotations.imports.sidecars import Sidecar, checked_grid, read_epochs
from psg.epochs import EpochGrid, grid_for
from psg.stagefiles import CodeMap, read_stage_file
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
    rows = read_massex(path)
    if epochs_path is None:
        return checked_grid(EpochGrid(0.0, max(row.number for row in rows) + 1))
    return read_epochs(bounded_bytes(epochs_path)).get(rows[0].subject, Sidecar()).grid()
