"""The pieces of meaning that a sentence is made of, in the order in which they are written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from psg.claims.tokens import Token


class Sort(Enum):
    """What an item says; in brackets the type of its value."""

    KIND = auto()  # (tuple of kinds)
    PLACE = auto()  # (tuple of derivations)
    TIME = auto()  # (tuple of Span)
    SECONDS = auto()  # (Range) a length in seconds
    BARE_SECONDS = auto()  # (Range) seconds with no word that says of what
    FREQUENCY = auto()  # (Range) in Hz
    AMPLITUDE = auto()  # (Range) in uV
    SHARE = auto()  # (Range) part of the epoch, 0 to 1
    COUNT = auto()  # (Range)
    LEVEL = auto()  # (str) low or high
    NOT = auto()
    SEEN = auto()  # seen, present, visible
    GONE = auto()  # absent, missing
    DOUBT = auto()  # (str) why what stands before is no statement
    HEDGE = auto()  # (str) why what follows is no statement
    BLOCK = auto()  # (str) why the whole clause is none
    CHANGE = auto()  # (str) what stands before it gives way to what follows
    STAGE = auto()
    AND = auto()
    WITH = auto()
    OR = auto()
    COMMA = auto()
    CLAUSE = auto()
    SENTENCE = auto()
    OPEN = auto()
    CLOSE = auto()
    LINK = auto()  # a preposition
    VERB = auto()  # shows, has, fills
    GLUE = auto()


QUANTITIES = frozenset(
    {
        Sort.TIME,
        Sort.SECONDS,
        Sort.BARE_SECONDS,
        Sort.FREQUENCY,
        Sort.AMPLITUDE,
        Sort.SHARE,
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    sort: Sort
    start: int
    end: int
    value: Any = None
    is_plural: bool = False


Found = tuple[Item, int] | None
"""An item and the place of the token after it, or nothing."""


def item_over(
    sort: Sort, tokens: list[Token], first: int, after: int, value: Any = None, **more: bool
) -> tuple[Item, int]:
    """An item that spans the tokens from ``first`` to before ``after``."""
    return Item(sort, tokens[first].start, tokens[after - 1].end, value, **more), after
