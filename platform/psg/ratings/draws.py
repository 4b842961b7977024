"""Draws of subjects for everything that a study reports, under one seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from psg.agreement.bootstrap import Bootstrap


@dataclass(frozen=True)
class Draws:
    """A group that comes from fewer subjects is drawn from those, not from all of the study."""

    replicates: int = 1000
    seed: int = 0

    @cached_property
    def _made(self) -> dict[int, Bootstrap]:
        return {}

    def of(self, subjects: int) -> Bootstrap:
        if subjects not in self._made:
            self._made[subjects] = Bootstrap.of(
                subjects, replicates=self.replicates, seed=self.seed
            )
        return self._made[subjects]
