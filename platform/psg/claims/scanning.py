"""From tokens to items of meaning: at each place the first small pattern that fits."""

from __future__ import annotations

from collections.abc import Callable

from psg.claims.items import Found, Item, Sort, item_over
from psg.claims.kinds import KINDS, REM, REM_AS_MOVEMENT
from psg.claims.meanings import MEANINGS, OTHER_EPOCH
from psg.claims.numbers import numbers_at
from psg.claims.phrases import phrase_at, stem_at
from psg.claims.places import REGIONS, derivation_of
from psg.claims.quantities import count, quantity
from psg.claims.shares import share
from psg.claims.times import first_or_last_seconds, numbered_seconds, part_of_epoch
from psg.claims.tokens import Token

_AFTER_A_MOVEMENT = frozenset({"at", "in", "around", "near", "from", "between", "burst", "("})


def items_of(tokens: list[Token]) -> list[Item]:
    items, place = [], 0
    while place < len(tokens):
        item, place = _item_at(tokens, place)
        items.append(item)
    return items


def _item_at(tokens: list[Token], place: int) -> tuple[Item, int]:
    for pattern in _PATTERNS:
        if found := pattern(tokens, place):
            return found
    return item_over(Sort.GLUE, tokens, place, place + 1)


def _channel(tokens: list[Token], place: int) -> Found:
    if tokens[place].sort != "channel":
        return None
    derivation = derivation_of(tokens[place].text)
    if derivation is None:
        return None
    return item_over(Sort.PLACE, tokens, place, place + 1, (derivation,))


def _region(tokens: list[Token], place: int) -> Found:
    found = phrase_at(REGIONS, tokens, place)
    return found and item_over(Sort.PLACE, tokens, place, found[1], found[0])


def _kind(tokens: list[Token], place: int) -> Found:
    found = phrase_at(KINDS, tokens, place)
    if not found:
        return _bare_rem(tokens, place)
    kinds, after = found
    if not kinds:
        return item_over(Sort.GLUE, tokens, place, after)
    last = tokens[after - 1]
    return item_over(Sort.KIND, tokens, place, after, kinds, is_plural=last.text != last.stem)


def _bare_rem(tokens: list[Token], place: int) -> Found:
    """ "REMs" are movements; "REM" is one after "a" or "no", or where a time follows."""
    token = tokens[place]
    if token.stem != "rem":
        return None
    is_plural = token.text == "rems"
    is_movement = is_plural or stem_at(tokens, place - 1) in REM_AS_MOVEMENT
    if not is_movement and stem_at(tokens, place + 1) in _AFTER_A_MOVEMENT:
        numbers = numbers_at(tokens, place + 1) or numbers_at(tokens, place + 2)
        is_movement = numbers is not None and numbers.unit == "s"
    if not is_movement:
        return item_over(Sort.GLUE, tokens, place, place + 1)
    return item_over(Sort.KIND, tokens, place, place + 1, (REM,), is_plural=is_plural)


def _meaning(tokens: list[Token], place: int) -> Found:
    found = phrase_at(MEANINGS, tokens, place)
    if not found:
        return None
    (sort, value), after = found
    if tokens[place].stem == "between":  # two numbers would have been read as such
        return item_over(Sort.BLOCK, tokens, place, after, OTHER_EPOCH)
    return item_over(sort, tokens, place, after, value)


_PATTERNS: tuple[Callable[[list[Token], int], Found], ...] = (
    part_of_epoch,
    first_or_last_seconds,
    numbered_seconds,
    quantity,
    share,
    _kind,
    _channel,
    _region,
    count,
    _meaning,
)
