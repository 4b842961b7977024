"""What checks read and what they report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from psg.stages import Stage


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Finding:
    """One thing worth telling the scorer about one epoch (counted from 0)."""

    epoch: int
    level: Level
    code: str
    message: str


class ScoredEpoch(Protocol):
    """One epoch of a scoring; ``stage`` may be the plain text of a stage."""

    @property
    def epoch(self) -> int: ...

    @property
    def stage(self) -> Stage | str | None: ...

    @property
    def rules(self) -> Sequence[str]: ...


class ScoringView:
    """Stages and rules by epoch; what is not there is unscored and cites nothing."""

    def __init__(self, scores: Iterable[ScoredEpoch]) -> None:
        self._stages: dict[int, Stage] = {}
        self._rules: dict[int, tuple[str, ...]] = {}
        for score in scores:
            if score.stage is not None:
                self._stages[score.epoch] = Stage(score.stage)
                self._rules[score.epoch] = tuple(score.rules)
        self._epochs = sorted(self._stages)

    def __iter__(self) -> Iterator[int]:
        return iter(self._epochs)

    def stage(self, epoch: int) -> Stage | None:
        return self._stages.get(epoch)

    def rules(self, epoch: int) -> tuple[str, ...]:
        return self._rules.get(epoch, ())

    def cites(self, epoch: int, rule_id: str) -> bool:
        return rule_id in self.rules(epoch)

    def bouts(self, stage: Stage) -> Iterator[range]:
        """The unbroken runs of epochs of this stage, first to last."""
        first = None
        for epoch in self._epochs:
            if self._stages[epoch] != stage:
                continue
            if first is None or self.stage(epoch - 1) != stage:
                first = epoch
            if self.stage(epoch + 1) != stage:
                yield range(first, epoch + 1)
