"""Write stages as an EDF+ file of annotations, the form that other tools read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from psg.epochs import EpochGrid
from psg.stages import EPOCH_S, Stage


def write_edf_stages(
    path: str | os.PathLike[str], stages: Sequence[Stage | None], grid: EpochGrid
) -> None:
    """Write one ``Sleep stage`` annotation an epoch, ``?`` for unscored; no name, no date."""
    import edfio  # here, since a machine that only trains reads stage files without it

    annotations = [
        edfio.EdfAnnotation(grid.onset_s(index), EPOCH_S, f"Sleep stage {stage or '?'}")
        for index, stage in enumerate(stages)
    ]
    edfio.Edf([], annotations=annotations).write(Path(path))
