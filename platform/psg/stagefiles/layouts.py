"""Which column of a table holds what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StageColumn:
    """A column of stages, and the scorer that its name gives."""

    index: int
    scorer: str = ""


@dataclass(frozen=True)
class Layout:
    """Indexes of the columns of a table; None where it has no such column."""

    stages: tuple[StageColumn, ...]
    epoch: int | None = None
    onset: int | None = None
    duration: int | None = None
    end: int | None = None
    channel: int | None = None
    scorer: int | None = None
    has_header: bool = True
    units: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def unit_of(self, index: int) -> str:
        """Return the unit of the numbers in a column; empty where its name gives none."""
        return self.units[index] if self.units else ""
