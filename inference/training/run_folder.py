"""The files of a run beside its checkpoints: ``run.json`` and ``log.jsonl``.

``run.json`` is written when the run begins and describes it for merging and bundling. It names the
model that the run began with by a relative path, so that both may be moved together, and by the
hash of its weights, so that no other weights are used by mistake.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from tqdm import tqdm

from inference.bundles.checkpoint import weights_sha256
from inference.bundles.reading import Grid
from inference.prompts import Track
from inference.training.checkpoints import checkpoints_of
from inference.training.data.nights import TrainingData
from inference.training.errors import TrainingError
from inference.training.samples import PromptMaker
from inference.training.settings import Phase, Settings, Vision
from psg.render import RENDERER_VERSION

RECORD = "run.json"
LOG = "log.jsonl"
_MAY_MOVE = {"model", "data"}
"""Entries of the record that hold names of folders."""


class LoraRecord(BaseModel):
    """Rank and alpha of the adapters; rank 0 where all weights were trained."""

    rank: int
    alpha: int


class OptimRecord(BaseModel):
    """The settings of the optimiser that a card names."""

    epochs: int
    steps: int
    batch_size: int
    accumulate: int
    learning_rate: float


class PromptRecord(BaseModel):
    """A prompt template and the shape of its reply."""

    template: str
    labels: tuple[str, ...]
    keys: tuple[str, ...]
    fence: bool


class RunRecord(BaseModel):
    """``run.json``: what merging, a bundle and a model card need to know of a run."""

    phase: Phase
    model: str
    """Folder of the model that the run began with, relative to that of the run."""
    model_sha256: str = ""
    """Hash of its weights; empty in runs begun before it was recorded."""
    lora: LoraRecord
    vision: Vision
    seed: int
    optim: OptimRecord
    data: str
    samples: int
    rule_edition: str
    renderer_version: str
    grid: Grid = Grid.NIGHT
    prompts: dict[str, PromptRecord]

    def prompt_of(self, track: Track) -> PromptRecord:
        """The prompt that a track was trained with."""
        return self.prompts[track.value]


def write_run_record(
    settings: Settings,
    data: TrainingData,
    prompts: Mapping[str, PromptMaker],
    *,
    samples: int,
    base_sha256: str,
) -> None:
    """Write ``run.json``.

    Raises
    ------
    TrainingError
        When the folder has checkpoints of another run, whose record stays as it is.
    """
    record = RunRecord(
        phase=settings.phase,
        model=os.path.relpath(settings.model.resolve(), settings.run.resolve()),
        model_sha256=base_sha256,
        lora=LoraRecord(rank=settings.lora.rank, alpha=settings.lora.alpha),
        vision=settings.vision,
        seed=settings.seed,
        optim=OptimRecord.model_validate(settings.training, from_attributes=True),
        data=data.about,
        samples=samples,
        rule_edition=data.rule_edition,
        renderer_version=RENDERER_VERSION,
        grid=settings.data.grid,
        prompts={name: _prompt_record(maker) for name, maker in prompts.items()},
    )
    if checkpoints_of(settings.run):
        _refuse_others(settings.run, record)
    settings.run.mkdir(parents=True, exist_ok=True)
    half = settings.run / f"{RECORD}.partial"
    text = json.dumps(record.model_dump(mode="json"), indent=1, ensure_ascii=False)
    half.write_text(text, "utf-8")
    half.replace(settings.run / RECORD)


def _prompt_record(maker: PromptMaker) -> PromptRecord:
    like = maker.like
    return PromptRecord(
        template=maker.template, labels=like.labels, keys=like.keys, fence=like.fence
    )


def _refuse_others(run: Path, record: RunRecord) -> None:
    try:
        known = read_run_record(run)
    except TrainingError:
        return  # no record to protect; the checkpoints are compared before training
    compared = known.model_fields_set - _MAY_MOVE
    if any(getattr(known, name) != getattr(record, name) for name in compared):
        raise TrainingError(
            "The run was begun with other settings, data or processes",
            where=str(run),
            advice="Give the new run another folder, or set these as they were.",
        )


def read_run_record(run: Path) -> RunRecord:
    """Read ``run.json``; raises TrainingError where there is none that can be read."""
    try:
        return RunRecord.model_validate_json((run / RECORD).read_bytes())
    except (OSError, ValidationError):
        raise TrainingError(
            f"There is no {RECORD}", where=str(run), advice="Give the folder of a run."
        ) from None


def base_of(run: Path, named: Path | None = None) -> Path:
    """Return the checkpoint that a run began with: ``named``, or the recorded path.

    Raises
    ------
    TrainingError
        When it is missing, or has other weights.
    """
    record = read_run_record(run)
    base = named or run / record.model
    if not base.is_dir():
        raise TrainingError(
            "The model that the run began with is not there",
            where=str(base),
            advice="If it was moved, name its folder with --model.",
        )
    # Runs begun before the hash was recorded cannot be checked.
    expected = record.model_sha256
    if expected and weights_sha256(base) != expected:
        raise TrainingError(
            "These are not the weights that the run began with",
            where=str(base),
            advice=f"Name the model whose weights have the hash {expected[:16]} with --model.",
        )
    return base


class RunLog:
    """The progress of a run: a bar, TensorBoard, and ``log.jsonl`` with a line for each report.

    A line is a JSON object with ``step`` and the measured values. When a run is continued, lines
    of later steps are removed, since those steps are repeated.

    Parameters
    ----------
    writes : bool
        True in the main process only; the others show and write nothing.
    """

    def __init__(self, run: Path, *, first_step: int, steps: int, writes: bool) -> None:
        self._bar = tqdm(total=steps, initial=first_step, disable=not writes, unit="step")
        self._path = run / LOG
        self._board: Any = None
        self._writes = writes
        if writes:
            self._remove_lines_after(first_step)
            self._board = _tensorboard(run, first_step)

    def advance(self) -> None:
        """Move the bar by a step."""
        self._bar.update()

    def write(self, step: int, **values: float) -> None:
        """Report the values measured at a step."""
        if not self._writes:
            return
        self._bar.set_postfix({name: f"{value:.4g}" for name, value in values.items()})
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def close(self) -> None:
        """Finish the bar and TensorBoard's file."""
        self._bar.close()
        if self._board is not None:
            self._board.close()

    def _remove_lines_after(self, step: int) -> None:
        if self._path.is_file():
            lines = self._path.read_text("utf-8").splitlines()
            earlier = [line for line in lines if _step_of(line) <= step]
            self._path.write_text("".join(f"{line}\n" for line in earlier), "utf-8")


def _step_of(line: str) -> float:
    """Return the step of a line, infinite for a line cut off when the process was killed."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):
        return float("inf")


def _tensorboard(run: Path, first_step: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        tqdm.write("tensorboard is not installed: log.jsonl has the same figures.")
        return None
    return SummaryWriter(str(run / "tensorboard"), purge_step=first_step + 1)
