"""Learning curves from a training's logs: TensorBoard's event files, or JSON lines."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from inference.training.errors import TrainingError

EVENTS = "events.out.tfevents.*"
Curve = list[tuple[int, float]]
"""Steps with their values, in order of steps."""


def read_curves(folder: Path) -> dict[str, Curve]:
    """Curves by name, from every log under a folder.

    A JSON log has one object a line, with ``step`` and any number of values.

    Raises
    ------
    TrainingError
        When there is no log, or only such as cannot be read here.
    """
    found: dict[str, dict[int, float]] = defaultdict(dict)
    for name, step, value in [*_from_tensorboard(folder), *_from_json(folder)]:
        found[name][step] = value
    if not found:
        raise TrainingError(
            "There is no learning curve", where=str(folder), advice="Name the folder of its logs."
        )
    return {name: sorted(values.items()) for name, values in sorted(found.items())}


def _from_tensorboard(folder: Path) -> Iterator[tuple[str, int, float]]:
    folders = sorted({path.parent for path in folder.rglob(EVENTS)})
    if folders and find_spec("tensorboard") is None:
        raise TrainingError(
            "TensorBoard's logs cannot be read without it",
            where=str(folder),
            advice="Install tensorboard.",
        )
    for one in folders:
        reading = import_module("tensorboard.backend.event_processing.event_accumulator")
        log = reading.EventAccumulator(str(one))
        log.Reload()
        for name in log.Tags()["scalars"]:
            for event in log.Scalars(name):
                yield name, int(event.step), float(event.value)


def _from_json(folder: Path) -> Iterator[tuple[str, int, float]]:
    for path in sorted(folder.rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = _row(line)
            step = row.pop("step", None)
            if isinstance(step, int):
                for name, value in row.items():
                    if isinstance(value, int | float):
                        yield name, step, float(value)


def _row(line: str) -> dict[str, object]:
    """One logged object; a line that was cut off by a crash is none."""
    try:
        row = json.loads(line)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}
