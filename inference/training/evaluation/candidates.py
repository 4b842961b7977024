"""What a checkpoint is chosen from: bundles side by side, or the checkpoints of one run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from inference.bundles import FILE_NAME
from inference.prompts import Track
from inference.training.errors import TrainingError

_STEP = re.compile(r"step-\d+")


@dataclass(frozen=True)
class Candidate:
    """A bundle folder, or a checkpoint of a run that is made into one while it is judged."""

    path: Path
    track: Track
    base: Path | None = None
    """The model that the run began with, if it lies elsewhere now."""

    @contextmanager
    def bundle(self) -> Iterator[Path]:
        """The bundle's folder; that of a checkpoint is gone afterwards, for it may be large."""
        if (self.path / FILE_NAME).is_file():
            yield self.path
            return
        # Only here, since bundles that need no torch can be judged without it.
        writing = import_module("inference.training.bundle")
        step = import_module("inference.training.checkpoints").step_of(self.path)
        with TemporaryDirectory(prefix="candidate-") as scratch:
            out = Path(scratch) / self.path.name
            asked = writing.Asked(
                name=self.path.name,
                title=self.path.name,
                licence="not released",
                track=self.track,
                step=step,
            )
            yield writing.write_bundle(self.path.parent, out, asked, base=self.base)


def candidates(folder: Path, track: Track, base: Path | None = None) -> list[Candidate]:
    """The bundles of a folder by name, or the whole checkpoints of a run, oldest first.

    Raises
    ------
    TrainingError
        When there is none.
    """
    found = sorted(path.parent for path in folder.glob(f"*/{FILE_NAME}"))
    if not found and any(_STEP.fullmatch(path.name) for path in folder.glob("step-*")):
        reading = import_module("inference.training.checkpoints")
        found = [path for path in reading.checkpoints_of(folder) if reading.is_whole(path)]
    if not found:
        raise TrainingError(
            "There is no checkpoint to choose",
            where=str(folder),
            advice="Name the folder of a run of phase 2, or one with a bundle folder for each.",
        )
    return [Candidate(path, track, base) for path in found]
