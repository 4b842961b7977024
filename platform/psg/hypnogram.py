"""What can be read off a sequence of stages: bouts, transitions, counts.

An unscored epoch is ``None``. It is no stage: it starts and ends bouts, and no transition leads
into it, out of it, or across it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from psg.stages import STAGES, UNSCORED_CODE, Stage, stage_codes

Stages = Sequence[Stage | None]


@dataclass(frozen=True)
class Bout:
    """A run of epochs with one stage, or of unscored epochs."""

    stage: Stage | None
    first: int
    epoch_count: int

    @property
    def end(self) -> int:
        """The epoch after the last."""
        return self.first + self.epoch_count


@dataclass(frozen=True)
class Transition:
    """A change of stage; ``epoch`` is the first of the new stage."""

    epoch: int
    before: Stage
    after: Stage


def bouts(stages: Stages) -> list[Bout]:
    found: list[Bout] = []
    first = 0
    for stage, run in groupby(stages):
        count = len(list(run))
        found.append(Bout(stage, first, count))
        first += count
    return found


def transitions(stages: Stages) -> list[Transition]:
    found = []
    for epoch in range(1, len(stages)):
        before, after = stages[epoch - 1], stages[epoch]
        if before is not None and after is not None and before != after:
            found.append(Transition(epoch, before, after))
    return found


def transition_epochs(stages: Stages) -> NDArray[np.bool_]:
    """Mark the epochs on both sides of every change of stage; (n_epochs,).

    Scorers disagree most here, so results are reported with and without these epochs.
    """
    marked = np.zeros(len(stages), dtype=bool)
    for transition in transitions(stages):
        marked[transition.epoch - 1 : transition.epoch + 1] = True
    return marked


def transition_counts(stages: Stages) -> NDArray[np.int64]:
    """Count steps from stage (rows) to stage (columns), staying included; (5, 5)."""
    codes = stage_codes(stages).astype(np.int64)
    before, after = codes[:-1], codes[1:]
    both = (before != UNSCORED_CODE) & (after != UNSCORED_CODE)
    cells = before[both] * len(STAGES) + after[both]
    counts = np.bincount(cells, minlength=len(STAGES) ** 2)
    return counts.reshape(len(STAGES), len(STAGES))


def stage_counts(stages: Stages) -> dict[Stage, int]:
    """Epochs of every stage, absent ones as 0; unscored epochs are not in it."""
    return {stage: sum(1 for given in stages if given == stage) for stage in STAGES}
