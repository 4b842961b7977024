"""Parts of the epoch that a rhythm fills, said in words: half, a fifth, most of, throughout."""

from __future__ import annotations

from math import inf

from psg.claims.claim import Range
from psg.claims.items import Found, Sort, item_over
from psg.claims.numbers import COMPARATORS
from psg.claims.phrases import phrase_at, stem_at
from psg.claims.tokens import Token
from psg.claims.words import EPOCH, phrase_table

NEARLY_ALL = 0.75
"""What "throughout" asks for at least; nobody means every second by it."""

_FRACTIONS = phrase_table(
    [
        *((words, 1 / 2) for words in ("half", "one half", "a half")),
        *((words, 1 / 3) for words in ("a third", "one third")),
        *((words, 1 / 4) for words in ("a quarter", "one quarter", "a fourth", "one fourth")),
        *((words, 1 / 5) for words in ("a fifth", "one fifth")),
        *((words, 2 / 3) for words in ("two third",)),
        *((words, 3 / 4) for words in ("three quarter", "three fourth")),
    ]
)
_MOST_OF = phrase_table(
    [
        ("most of", Range(0.5, inf)),
        ("the majority of", Range(0.5, inf)),
        ("majority of", Range(0.5, inf)),
        ("the greater part of", Range(0.5, inf)),
        ("throughout", Range(NEARLY_ALL, inf)),
        ("the entire", Range(NEARLY_ALL, inf)),
        ("entire", Range(NEARLY_ALL, inf)),
        ("the whole", Range(NEARLY_ALL, inf)),
        ("all of", Range(NEARLY_ALL, inf)),
    ]
)
_NEEDS_EPOCH = {"most", "the", "majority", "all", "entire"}


def share(tokens: list[Token], place: int) -> Found:
    comparator, after = phrase_at(COMPARATORS, tokens, place) or (None, place)
    fraction = phrase_at(_FRACTIONS, tokens, after)
    if fraction:
        value, end = fraction
        if stem_at(tokens, end) in ("second", "sec", "wave", "cycle"):
            return None
        return item_over(
            Sort.SHARE, tokens, place, _over_epoch(tokens, end), _compared(value, comparator)
        )
    return _most(tokens, place)


def _most(tokens: list[Token], place: int) -> Found:
    found = phrase_at(_MOST_OF, tokens, place)
    if not found:
        return None
    value, end = found
    after = _over_epoch(tokens, end)
    if after == end and tokens[place].stem in _NEEDS_EPOCH:
        return None
    return item_over(Sort.SHARE, tokens, place, after, value)


def _compared(value: float, comparator: str | None) -> Range:
    if comparator == "more":
        return Range(value, inf)
    if comparator == "less":
        return Range(-inf, value)
    return Range(value, value, about=comparator == "about")


def _over_epoch(tokens: list[Token], place: int) -> int:
    """The place after "of the epoch" or "the epoch", whose words mean no more."""
    for at in range(place, min(place + 4, len(tokens))):
        if tokens[at].stem in EPOCH:
            return at + 1
        if tokens[at].stem not in ("of", "the", "this", "30", "s"):
            break
    return place
