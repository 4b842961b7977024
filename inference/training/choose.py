"""Choose a checkpoint, by kappa on validation subjects.

    python -m inference.training.choose --checkpoints FOLDER --simulated --nights 6 --json
    python -m inference.training.choose --checkpoints FOLDER --data RELEASE --recordings NIGHTS

FOLDER is that of a run of phase 2 with its checkpoints, or holds a bundle folder for each. There
is no option for the subjects of the test: whatever is chosen by them is no longer tested by them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inference.adapters import AdapterAwayError
from inference.prompts import Track
from inference.training.data import VALIDATION
from inference.training.evaluate import add_nights, source_of
from inference.training.evaluation.candidates import candidates
from inference.training.evaluation.judging import JUDGED, Task
from inference.training.evaluation.processes import Recording, judging, made
from inference.training.evaluation.totals import Totals
from psg.errors import PsgError

MEASURE = "kappa_with_unparsed"
"""A reply that cannot be read is a wrong answer here: a checkpoint must not win by silence."""
_TOLD = (MEASURE, "kappa", "macro_f1", "rule_iou", "unparsed")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        found = choose(options)
    except (PsgError, AdapterAwayError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.dumps(found) if options.json else _printed(found))
    return 0


def choose(options: argparse.Namespace) -> dict[str, Any]:
    """Judge every candidate on the same validation nights; names the best."""
    found = candidates(options.checkpoints, Track(options.track), options.model)
    source = source_of(options)
    recordings = [made(make()) for make in source.recordings]  # simulated once for all
    judged = []
    for candidate in found:
        with candidate.bundle() as folder:
            task = Task(str(folder), (), source.rule_edition, options.every)
            figures = _figures(task, recordings, options.processes)
        path = candidate.path
        judged.append({"checkpoint": str(path), **{name: figures[name] for name in _TOLD}})
        print(f"{path.name}: kappa {figures[MEASURE]}", file=sys.stderr, flush=True)
    return {
        "chosen": best(judged),
        "by": MEASURE,
        "on": source.about,
        "part": source.part,
        "checkpoints": judged,
    }


def best(judged: Sequence[dict[str, Any]]) -> str | None:
    """The first of the highest; None where no kappa is defined, and nothing can be said."""
    defined = [one for one in judged if one[MEASURE] is not None]
    return max(defined, key=lambda one: one[MEASURE])["checkpoint"] if defined else None


def _figures(task: Task, recordings: Sequence[Recording], processes: int) -> dict[str, Any]:
    with judging(task, recordings, processes=processes) as (readers, judged):
        totals = Totals(readers.names)
        for night in judged:
            totals.add(night)
    figures: dict[str, Any] = totals.figures()[JUDGED]
    return figures


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
    made.add_argument("--track", choices=list(Track), default=Track.FINE, help="what is asked for")
    made.set_defaults(part=VALIDATION)
    made.add_argument("--json", action="store_true", help="print one JSON object")
    return made


def _printed(found: dict[str, Any]) -> str:
    rows = [
        f"{Path(one['checkpoint']).name:30}{one[MEASURE]!s:>10}" for one in found["checkpoints"]
    ]
    chosen = found["chosen"] or "none: no kappa is defined"
    return "\n".join([f"{'on ' + found['on']}, {MEASURE}:", *rows, f"Chosen: {chosen}"])


if __name__ == "__main__":
    raise SystemExit(main())
