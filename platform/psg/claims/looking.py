"""What comes next in a clause."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from psg.claims.items import QUANTITIES, Item, Sort

SEPARATORS = frozenset({Sort.AND, Sort.OR, Sort.COMMA})
_WITHOUT_MEANING = 4
_LISTED = SEPARATORS | {Sort.KIND, Sort.GLUE, Sort.OPEN, Sort.CLOSE}
_BEFORE_A_KIND = frozenset(
    {Sort.GLUE, Sort.COUNT, Sort.FREQUENCY, Sort.AMPLITUDE, Sort.SECONDS}
    | {Sort.BARE_SECONDS, Sort.LEVEL, Sort.PLACE, Sort.HEDGE}
)
_TELLING = QUANTITIES | {Sort.LEVEL, Sort.COUNT, Sort.KIND}


@dataclass(frozen=True)
class Looking:
    """The items of a clause, asked from a place on."""

    items: list[Item]

    def sort(self, at: int) -> Sort | None:
        return self.items[at].sort if 0 <= at < len(self.items) else None

    def next(self, at: int, *, skip: Set[Sort]) -> Item | None:
        """The next item, over a few of the sorts to skip."""
        for item in self.items[at + 1 : at + 2 + _WITHOUT_MEANING]:
            if item.sort not in skip:
                return item
        return None

    def kind_after(self, at: int) -> Item | None:
        """The wave that follows with nothing but its adjectives before it."""
        found = self.next(at, skip=_BEFORE_A_KIND)
        return found if found and found.sort is Sort.KIND else None

    def or_ends_list(self, at: int) -> bool:
        """ "A, B or C": the list of bare waves that goes on here ends in "or"."""
        for item in self.items[at + 1 :]:
            if item.sort not in _LISTED:
                return False
            if item.sort is Sort.OR:
                return True
        return False

    def says_no_more(self, at: int) -> bool:
        """Whether neither a measure nor another wave follows in this clause."""
        return not any(item.sort in _TELLING for item in self.items[at + 1 :])
