"""The columns of a table with names: their names, and the cells below them."""

from __future__ import annotations

from dataclasses import dataclass

from psg.stagefiles.clocks import read_clock
from psg.stagefiles.columnnames import ColumnName
from psg.stagefiles.fields import optional_number
from psg.stagefiles.tables import EMPTY

# So many cells make a column one of times of day, or of numbers.
_MOST = 0.8


@dataclass(frozen=True)
class Columns:
    """The columns of a table with names: names, and the cells below them."""

    names: tuple[ColumnName, ...]
    cells: tuple[tuple[str, ...], ...]

    def first(self, known: frozenset[str], *units: str) -> int | None:
        return next(iter(self.all(known, *units)), None)

    def all(self, known: frozenset[str], *units: str) -> list[int]:
        """Columns with one of some names, and a unit of some units where these are given."""
        return [
            index
            for index, name in enumerate(self.names)
            if name.plain in known and (not units or name.unit in units)
        ]

    def filled(self, index: int) -> list[str]:
        return [cell for cell in self.cells[index] if cell.lower() not in EMPTY]

    def are_clocks(self, index: int) -> bool:
        filled = self.filled(index)
        count = sum(read_clock(cell) is not None for cell in filled)
        return count >= _MOST * max(len(self.cells[index]), 1)

    def numbers(self, index: int) -> list[float]:
        """The numbers of a column; none where many of its cells are no numbers."""
        found = [
            number for cell in self.cells[index] if (number := optional_number(cell)) is not None
        ]
        return found if len(found) >= _MOST * max(len(self.cells[index]), 1) else []
