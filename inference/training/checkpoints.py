"""Checkpoints of a run: whole or not there at all.

A checkpoint is written into a folder whose name says that it is not finished, its list of hashes
last, and renamed when everything is on disk. Whoever looks for one reads the list and compares;
what a kill, a full disk or a bad copy leaves behind is never taken for a checkpoint. Tensors are
safetensors, the rest is JSON: nothing in it can run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save

from inference.bundles.checkpoint import file_sha256
from inference.training.errors import TrainingError

TRAINED = "trained.safetensors"
OPTIMISER = "optimiser.safetensors"
STATE = "state.json"
SUMS = "SHA256SUMS"
_NAME = re.compile(r"step-(\d{8})")
_PARTIAL = ".partial"


def checkpoint_name(step: int) -> str:
    return f"step-{step:08d}"


def step_of(checkpoint: Path) -> int:
    """The step of a checkpoint, from its name."""
    return int(checkpoint.name.removeprefix("step-"))


def write_tensors(path: Path, tensors: Mapping[str, torch.Tensor]) -> None:
    """Write and bring to disk. The bytes are made first, so a full disk is an OSError."""
    content = save({name: t.detach().cpu().contiguous() for name, t in tensors.items()})
    _write(path, content)


def write_json(path: Path, value: Any) -> None:
    _write(path, json.dumps(value, indent=1, sort_keys=True).encode())


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    tensors: dict[str, torch.Tensor] = load_file(path)
    return tensors


def names_in(path: Path) -> list[str]:
    """Names of the tensors of a file, without reading them."""
    with safe_open(path, framework="pt") as file:
        return list(file.keys())


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def begin(run: Path, step: int) -> Path:
    """An empty folder to write a checkpoint into."""
    partial = run / f"{checkpoint_name(step)}{_PARTIAL}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def finish(partial: Path) -> Path:
    """Write the list of hashes and give the folder its name."""
    sums = [f"{file_sha256(path)}  {path.name}" for path in sorted(partial.iterdir())]
    _write(partial / SUMS, ("\n".join(sums) + "\n").encode())
    whole = partial.with_name(partial.name.removesuffix(_PARTIAL))
    # A checkpoint of this step that is there did not hold, or training would not come by again.
    shutil.rmtree(whole, ignore_errors=True)
    partial.rename(whole)
    return whole


def no_room(partial: Path, step: int, error: OSError) -> TrainingError:
    """Clear away what could not be written, and say so."""
    shutil.rmtree(partial, ignore_errors=True)
    return TrainingError(
        f"The checkpoint of step {step} could not be written: {error.strerror or error}",
        where=str(partial.parent),
        advice="Make room and start the same command again: it goes on from the last checkpoint.",
    )


def is_whole(checkpoint: Path) -> bool:
    """Whether every file of the list is there with its hash."""
    try:
        lines = (checkpoint / SUMS).read_text("utf-8").splitlines()
        sums = dict(line.split("  ", 1)[::-1] for line in lines)
        return {TRAINED, STATE} <= set(sums) and all(
            Path(name).name == name and file_sha256(checkpoint / name) == sha256
            for name, sha256 in sums.items()
        )
    except (OSError, ValueError):
        return False


def checkpoints_of(run: Path) -> list[Path]:
    """Folders named as checkpoints, oldest first; not yet checked."""
    if not run.is_dir():
        return []
    return sorted(path for path in run.iterdir() if path.is_dir() and _NAME.fullmatch(path.name))


def last_whole(run: Path) -> Path | None:
    """The newest checkpoint that holds."""
    return next((path for path in reversed(checkpoints_of(run)) if is_whole(path)), None)


def named_or_last(run: Path, step: int | None) -> Path:
    """The checkpoint of a step, or the newest.

    Raises
    ------
    TrainingError
        When there is none, or it is damaged.
    """
    found = last_whole(run) if step is None else run / checkpoint_name(step)
    if found is None or not is_whole(found):
        raise TrainingError(
            "There is no whole checkpoint" + (f" of step {step}" if step is not None else ""),
            where=str(run),
            advice="Give the folder of a run, and a step whose checkpoint is there.",
        )
    return found


def drop_old(run: Path, keep: int) -> None:
    """Delete all but the newest checkpoints."""
    for path in checkpoints_of(run)[:-keep]:
        shutil.rmtree(path, ignore_errors=True)


def read_state(checkpoint: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((checkpoint / STATE).read_text("utf-8"))
    return value


def optimiser_tensors(
    optimiser: torch.optim.Optimizer, names: list[str]
) -> dict[str, torch.Tensor]:
    """The moments of every trained parameter, by its name."""
    found = {}
    for index, state in optimiser.state_dict()["state"].items():
        for key, value in state.items():
            found[f"{names[index]}:{key}"] = torch.as_tensor(value)
    return found


def put_optimiser_tensors(
    optimiser: torch.optim.Optimizer, names: list[str], tensors: Mapping[str, torch.Tensor]
) -> None:
    """Give the optimiser its moments back."""
    places = {name: index for index, name in enumerate(names)}
    whole = optimiser.state_dict()
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        name, _, kind = key.rpartition(":")
        state.setdefault(places[name], {})[kind] = value
    optimiser.load_state_dict({**whole, "state": state})
