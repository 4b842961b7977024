"""Checkpoints of a run, which are used only if they are complete.

A checkpoint is written into a folder ``*.partial``, its list of hashes last, and the folder is
renamed when everything is on disk. Readers compare all files with the list, so remains of a killed
process, a full disk or a bad copy are never used. Tensors are safetensors and the rest is JSON, so
loading a checkpoint runs no code.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch.optim.lr_scheduler import LambdaLR

from inference.bundles.checkpoint import file_sha256
from inference.training.errors import TrainingError
from inference.training.settings import Settings

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
    """Write tensors and sync them to disk; raises OSError where the disk is full."""
    content = save({name: t.detach().cpu().contiguous() for name, t in tensors.items()})
    _write_bytes(path, content)


def write_json(path: Path, value: object) -> None:
    """Write JSON and sync it to disk."""
    _write_bytes(path, json.dumps(value, indent=1, sort_keys=True).encode())


def read_tensors(path: Path) -> dict[str, torch.Tensor]:
    tensors: dict[str, torch.Tensor] = load_file(path)
    return tensors


def names_in(path: Path) -> list[str]:
    """Return the names of the tensors of a file, without reading the tensors."""
    with safe_open(path, framework="pt") as file:
        return list(file.keys())


def _write_bytes(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def begin(run: Path, step: int) -> Path:
    """Make an empty folder to write a checkpoint into."""
    partial = run / f"{checkpoint_name(step)}{_PARTIAL}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def finish(partial: Path) -> Path:
    """Write the list of hashes and give the folder its name."""
    sums = [f"{file_sha256(path)}  {path.name}" for path in sorted(partial.iterdir())]
    _write_bytes(partial / SUMS, ("\n".join(sums) + "\n").encode())
    whole = partial.with_name(partial.name.removesuffix(_PARTIAL))
    # An existing checkpoint of this step is damaged, or training would have continued from it.
    shutil.rmtree(whole, ignore_errors=True)
    partial.rename(whole)
    return whole


def no_room(partial: Path, step: int, error: OSError) -> TrainingError:
    """Remove the partial checkpoint; return the error that explains why."""
    shutil.rmtree(partial, ignore_errors=True)
    return TrainingError(
        f"The checkpoint of step {step} could not be written: {error.strerror or error}",
        where=str(partial.parent),
        advice="Make room and start the same command again: it continues from the last checkpoint.",
    )


def is_whole(checkpoint: Path) -> bool:
    """Whether every file of the list exists and has its hash."""
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
    """Return the newest complete checkpoint."""
    return next((path for path in reversed(checkpoints_of(run)) if is_whole(path)), None)


def named_or_last(run: Path, step: int | None) -> Path:
    """Return the checkpoint of a step, or the newest.

    Raises
    ------
    TrainingError
        When there is none, or it is damaged.
    """
    checkpoint = last_whole(run) if step is None else run / checkpoint_name(step)
    if checkpoint is None or not is_whole(checkpoint):
        raise TrainingError(
            "There is no whole checkpoint" + (f" of step {step}" if step is not None else ""),
            where=str(run),
            advice="Give the folder of a run, and a step whose checkpoint is there.",
        )
    return checkpoint


def drop_old(run: Path, keep: int) -> None:
    """Delete all but the newest checkpoints."""
    for path in checkpoints_of(run)[:-keep]:
        shutil.rmtree(path, ignore_errors=True)


@dataclass(frozen=True)
class RunState:
    """``state.json`` of a checkpoint."""

    step: int
    about: Mapping[str, str | int]
    """Facts that must be equal for the run to be continued."""
    phase: str
    schedule: Mapping[str, object]
    """State of the learning rate schedule, as torch gives it."""


def read_state(checkpoint: Path) -> RunState:
    """Read the state of a checkpoint that is whole."""
    return RunState(**json.loads((checkpoint / STATE).read_text("utf-8")))


def optimiser_tensors(
    optimiser: torch.optim.Optimizer, names: list[str]
) -> dict[str, torch.Tensor]:
    """Return the moments of every trained parameter, by its name."""
    moments = {}
    for index, state in optimiser.state_dict()["state"].items():
        for key, value in state.items():
            moments[f"{names[index]}:{key}"] = torch.as_tensor(value)
    return moments


def put_optimiser_tensors(
    optimiser: torch.optim.Optimizer, names: list[str], tensors: Mapping[str, torch.Tensor]
) -> None:
    """Restore the moments of the optimiser."""
    places = {name: index for index, name in enumerate(names)}
    whole = optimiser.state_dict()
    state: dict[int, dict[str, torch.Tensor]] = {}
    for key, value in tensors.items():
        name, _, kind = key.rpartition(":")
        state.setdefault(places[name], {})[kind] = value
    optimiser.load_state_dict({**whole, "state": state})


def random_state() -> dict[str, torch.Tensor]:
    """Return the states of torch's random generators of this process, as tensors."""
    state = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        state["cuda"] = torch.cuda.get_rng_state()
    return state


def put_random_state(state: Mapping[str, torch.Tensor]) -> None:
    """Continue the generators of this process from a stored state."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state(state["cuda"])


class RunCheckpoints:
    """Saves a run, and restores it from its last complete checkpoint.

    Parameters
    ----------
    identity : mapping of str to str or int
        Facts, besides the settings, that must be equal for a run to be continued.
    """

    def __init__(
        self,
        accelerator: Accelerator,
        settings: Settings,
        parameters: Mapping[str, torch.nn.Parameter],
        optimiser: torch.optim.Optimizer,
        schedule: LambdaLR,
        *,
        identity: Mapping[str, str | int],
    ) -> None:
        self._accelerator = accelerator
        self._settings = settings
        self._parameters = parameters
        self._optimiser = optimiser
        self._schedule = schedule
        self._identity = {
            "settings": settings.digest,
            "processes": accelerator.num_processes,
            **identity,
        }

    def restore_last(self) -> int:
        """Restore the state of the last complete checkpoint; return its step, or 0.

        Raises
        ------
        TrainingError
            When the checkpoint is of a run with other settings, data or processes.
        """
        last = last_whole(self._settings.run)
        self._settings.run.mkdir(parents=True, exist_ok=True)
        if last is None:
            return 0
        state = read_state(last)
        if state.about != self._identity:
            raise TrainingError(
                "The run was begun with other settings, data or processes",
                where=str(self._settings.run),
                advice="Give the new run another folder, or set these as they were.",
            )
        for name, tensor in read_tensors(last / TRAINED).items():
            self._parameters[name].data.copy_(tensor)
        moments = read_tensors(last / OPTIMISER)
        put_optimiser_tensors(self._optimiser, list(self._parameters), moments)
        self._schedule.load_state_dict(dict(state.schedule))
        for group, rate in zip(
            self._optimiser.param_groups, self._schedule.get_last_lr(), strict=True
        ):
            group["lr"] = rate  # the schedule itself would set it only at its next step
        put_random_state(read_tensors(last / self._random_file))
        return state.step

    @property
    def _random_file(self) -> str:
        return f"random-{self._accelerator.process_index}.safetensors"

    def save(self, step: int) -> None:
        """Write a checkpoint: every process its random state, the main process all else.

        Raises
        ------
        TrainingError
            When the disk is full.
        """
        partial = self._settings.run / f"{checkpoint_name(step)}{_PARTIAL}"
        try:
            if self._accelerator.is_main_process:
                begin(self._settings.run, step)
            self._accelerator.wait_for_everyone()
            write_tensors(partial / self._random_file, random_state())
            if self._accelerator.is_main_process:
                self._write(partial, step)
            self._accelerator.wait_for_everyone()
            if self._accelerator.is_main_process:
                finish(partial)
                drop_old(self._settings.run, self._settings.keep)
            self._accelerator.wait_for_everyone()
        except OSError as error:
            raise no_room(partial, step, error) from error

    def _write(self, partial: Path, step: int) -> None:
        moments = optimiser_tensors(self._optimiser, list(self._parameters))
        state = RunState(step, self._identity, self._settings.phase, self._schedule.state_dict())
        write_tensors(partial / TRAINED, self._parameters)
        write_tensors(partial / OPTIMISER, moments)
        write_json(partial / STATE, asdict(state))
