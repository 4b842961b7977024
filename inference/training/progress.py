"""What a run tells while it runs: a bar, TensorBoard, and one line of JSON a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tqdm import tqdm

LOG = "log.jsonl"


class Progress:
    """Reports of one run, from its main process.

    ``log.jsonl`` has an object a line: ``step`` and what was measured. Lines past the step a run
    goes on from are taken away, since those steps are made again.
    """

    def __init__(self, run: Path, *, first_step: int, steps: int, shown: bool) -> None:
        self._bar = tqdm(total=steps, initial=first_step, disable=not shown, unit="step")
        self._log = run / LOG
        self._board: Any = None
        if shown:
            self._keep_lines(first_step)
            self._board = _tensorboard(run, first_step)
        self._shown = shown

    def step(self) -> None:
        self._bar.update()

    def tell(self, step: int, **values: float) -> None:
        if not self._shown:
            return
        self._bar.set_postfix({name: f"{value:.4g}" for name, value in values.items()})
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")
        if self._board is not None:
            for name, value in values.items():
                self._board.add_scalar(name, value, step)

    def close(self) -> None:
        self._bar.close()
        if self._board is not None:
            self._board.close()

    def _keep_lines(self, first_step: int) -> None:
        if self._log.is_file():
            lines = self._log.read_text("utf-8").splitlines()
            kept = [line for line in lines if _step(line) <= first_step]
            self._log.write_text("".join(f"{line}\n" for line in kept), "utf-8")


def _step(line: str) -> float:
    """The step of a line; a line that a kill cut off is past everything."""
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
