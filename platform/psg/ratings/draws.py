"""Draws of recordings for everything that a study reports, under one seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from psg.agreement.bootstrap import Bootstrap


@dataclass(frozen=True)
class Draws:
    """A group that comes from fewer recordings is drawn from those, not from all of the study."""

    replicates: int = 1000
    seed: int = 0

    @cached_property
    def _made(self) -> dict[int, Bootstrap]:
        return {}

    def of(self, recordings: int) -> Bootstrap:
        if recordings not in self._made:
            self._made[recordings] = Bootstrap.of(
                recordings, replicates=self.replicates, seed=self.seed
            )
        return self._made[recordings]
