"""Choose a checkpoint, by kappa on validation subjects.

    python -m inference.training.choose --checkpoints FOLDER --simulated --nights 6 --json
    python -m inference.training.choose --checkpoints FOLDER --data RELEASE --recordings NIGHTS

FOLDER is the folder of a run of phase 2 with its checkpoints, or holds a bundle folder for each
checkpoint. Test subjects cannot be selected: figures on subjects that served for the choice are too
high.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from inference.adapters import AdapterAwayError
from inference.bundles import FILE_NAME
from inference.prompts import Track
from inference.training.data.nights import VALIDATION
from inference.training.errors import TrainingError
from inference.training.evaluate import add_nights, source_of
from inference.training.evaluation.figures import Totals
from inference.training.evaluation.processes import evaluated_nights
from inference.training.evaluation.results import ReaderResult
from inference.training.evaluation.running import EvaluationTask, RecordingNights, in_memory
from psg.errors import PsgError

MEASURE = "kappa_with_unparsed"
"""Unread replies count as wrong, so that a checkpoint is not preferred for giving fewer replies."""


@dataclass(frozen=True)
class CheckpointFigures:
    """Figures of a checkpoint on validation subjects."""

    checkpoint: str
    kappa_with_unparsed: float | None
    kappa: float | None = None
    macro_f1: float | None = None
    rule_iou: float | None = None
    unparsed: float | None = None


@dataclass(frozen=True)
class Choice:
    """All checkpoints with their figures; ``chosen`` is None where no kappa is defined."""

    chosen: str | None
    by: str
    on: str
    part: str
    checkpoints: Sequence[CheckpointFigures]


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        choice = choose(options)
    except (PsgError, AdapterAwayError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(choice)) if options.json else _printed(choice))
    return 0


def choose(options: argparse.Namespace) -> Choice:
    """Evaluate every candidate on the same validation nights, and choose the best."""
    them = candidates(options.checkpoints, Track(options.track), options.model)
    source = source_of(options)
    recordings = [in_memory(nights()) for nights in source.recordings]  # simulated once for all
    measured = []
    for candidate in them:
        with candidate.bundle() as folder:
            task = EvaluationTask(str(folder), (), source.rule_edition, options.every)
            result = _result(task, recordings, options.processes)
        measured.append(
            CheckpointFigures(
                checkpoint=str(candidate.path),
                kappa_with_unparsed=result.kappa_with_unparsed,
                kappa=result.kappa,
                macro_f1=result.macro_f1,
                rule_iou=result.rule_iou,
                unparsed=result.unparsed,
            )
        )
        line = f"{candidate.path.name}: kappa {result.kappa_with_unparsed}"
        print(line, file=sys.stderr, flush=True)
    return Choice(
        chosen=best(measured), by=MEASURE, on=source.about, part=source.part, checkpoints=measured
    )


def best(measured: Sequence[CheckpointFigures]) -> str | None:
    """Return the first with the highest kappa; None where no kappa is defined."""
    kappas = {
        its.checkpoint: its.kappa_with_unparsed
        for its in measured
        if its.kappa_with_unparsed is not None
    }
    return max(kappas, key=lambda checkpoint: kappas[checkpoint]) if kappas else None


def _result(
    task: EvaluationTask, recordings: Sequence[RecordingNights], processes: int
) -> ReaderResult:
    with evaluated_nights(task, recordings, processes=processes) as (readers, nights):
        totals = Totals(readers.names)
        for night in nights:
            totals.add(night)
    return totals.evaluated


_STEP = re.compile(r"step-\d+")


@dataclass(frozen=True)
class Candidate:
    """A bundle folder, or a checkpoint of a run, of which a temporary bundle is made."""

    path: Path
    track: Track
    base: Path | None = None
    """The model that the run began with, if it lies elsewhere now."""

    @contextmanager
    def bundle(self) -> Iterator[Path]:
        """The bundle's folder; that of a checkpoint is removed afterwards, for it may be large."""
        if (self.path / FILE_NAME).is_file():
            yield self.path
            return
        # Only here, since bundles that need no torch can be evaluated without it.
        writing = import_module("inference.training.bundle")
        step = import_module("inference.training.checkpoints").step_of(self.path)
        with TemporaryDirectory(prefix="candidate-") as scratch:
            out = Path(scratch) / self.path.name
            options = writing.BundleOptions(
                name=self.path.name,
                title=self.path.name,
                licence="not released",
                track=self.track,
                step=step,
            )
            yield writing.write_bundle(self.path.parent, out, options, base=self.base)


def candidates(folder: Path, track: Track, base: Path | None = None) -> list[Candidate]:
    """Return the bundles of a folder by name, or the complete checkpoints of a run, oldest first.

    Raises
    ------
    TrainingError
        When there is none.
    """
    paths = sorted(path.parent for path in folder.glob(f"*/{FILE_NAME}"))
    if not paths and any(_STEP.fullmatch(path.name) for path in folder.glob("step-*")):
        reading = import_module("inference.training.checkpoints")
        paths = [path for path in reading.checkpoints_of(folder) if reading.is_whole(path)]
    if not paths:
        raise TrainingError(
            "There is no checkpoint to choose",
            where=str(folder),
            advice="Name the folder of a run of phase 2, or a folder of bundle folders.",
        )
    return [Candidate(path, track, base) for path in paths]


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m inference.training.choose",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "--checkpoints", type=Path, required=True, help="a run, or a folder of bundles"
    )
    made.add_argument("--model", type=Path, help="that the run began with, if it is elsewhere now")
    add_nights(made)
    made.add_argument("--track", choices=list(Track), default=Track.FINE, help="of the replies")
    made.set_defaults(part=VALIDATION)
    made.add_argument("--json", action="store_true", help="print a JSON object")
    return made


def _printed(choice: Choice) -> str:
    rows = [
        f"{Path(its.checkpoint).name:30}{its.kappa_with_unparsed!s:>10}"
        for its in choice.checkpoints
    ]
    chosen = choice.chosen or "none: no kappa is defined"
    return "\n".join([f"{'on ' + choice.on}, {MEASURE}:", *rows, f"Chosen: {chosen}"])


if __name__ == "__main__":
    raise SystemExit(main())
