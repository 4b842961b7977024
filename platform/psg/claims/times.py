"""Parts of the epoch said in words: the first half, the last 5 s, its beginning, second 12."""

from __future__ import annotations

from psg.claims.claim import Span
from psg.claims.items import Found, Sort, item_over
from psg.claims.numbers import numbers_at
from psg.claims.phrases import phrase_at, stem_at
from psg.claims.tokens import Token
from psg.claims.words import EPOCH, phrase_table
from psg.stages import EPOCH_S

_THIRD_S = EPOCH_S / 3
_HALF_S = EPOCH_S / 2
_PARTS = phrase_table(
    [
        *(
            (f"{word} half", Span(0.0, _HALF_S))
            for word in ("first", "1st", "initial", "early", "left")
        ),
        *(
            (f"{word} half", Span(_HALF_S, EPOCH_S))
            for word in ("second", "2nd", "last", "latter", "later", "final", "right")
        ),
        ("first third", Span(0.0, _THIRD_S)),
        ("middle third", Span(_THIRD_S, 2 * _THIRD_S)),
        ("second third", Span(_THIRD_S, 2 * _THIRD_S)),
        ("last third", Span(2 * _THIRD_S, EPOCH_S)),
        ("final third", Span(2 * _THIRD_S, EPOCH_S)),
        ("beginning of the", Span(0.0, _THIRD_S, about=True)),
        ("at the beginning", Span(0.0, _THIRD_S, about=True)),
        ("at the start", Span(0.0, _THIRD_S, about=True)),
        ("start of the", Span(0.0, _THIRD_S, about=True)),
        ("early in the", Span(0.0, _HALF_S, about=True)),
        ("middle of the", Span(_THIRD_S, 2 * _THIRD_S, about=True)),
        ("in the middle", Span(_THIRD_S, 2 * _THIRD_S, about=True)),
        ("mid epoch", Span(_THIRD_S, 2 * _THIRD_S, about=True)),
        ("end of the", Span(2 * _THIRD_S, EPOCH_S, about=True)),
        ("at the end", Span(2 * _THIRD_S, EPOCH_S, about=True)),
        ("towards the end", Span(2 * _THIRD_S, EPOCH_S, about=True)),
        ("toward the end", Span(2 * _THIRD_S, EPOCH_S, about=True)),
        ("late in the", Span(_HALF_S, EPOCH_S, about=True)),
    ]
)
_FIRST = frozenset({"first", "initial", "opening"})
_LAST = frozenset({"last", "final", "closing"})
_SECOND = frozenset({"second", "sec", "s"})
_ORDINAL = frozenset({"st", "nd", "rd", "th"})


def part_of_epoch(tokens: list[Token], place: int) -> Found:
    found = phrase_at(_PARTS, tokens, place)
    if found is None:
        return None
    span, after = found
    return item_over(Sort.TIME, tokens, place, _over_epoch(tokens, after), (span,))


def first_or_last_seconds(tokens: list[Token], place: int) -> Found:
    """ "First 10 s" and "last five seconds" by number."""
    side = tokens[place].text
    if side not in _FIRST and side not in _LAST:
        return None
    numbers = numbers_at(tokens, place + 1)
    if numbers is None or numbers.unit != "s" or numbers.ranges[0].is_open:
        return None
    length_s = min(numbers.ranges[0].high, EPOCH_S)
    span = Span(0.0, length_s) if side in _FIRST else Span(EPOCH_S - length_s, EPOCH_S)
    return item_over(Sort.TIME, tokens, place, _over_epoch(tokens, numbers.after), (span,))


def numbered_seconds(tokens: list[Token], place: int) -> Found:
    """ "Second 12", "seconds 12-14"; "the 12th second"."""
    if tokens[place].stem in _SECOND and tokens[place].sort == "word":
        numbers = numbers_at(tokens, place + 1)
        if numbers and numbers.unit in ("", "s") and not numbers.ranges[0].is_open:
            spans = tuple(Span(one.low, one.high, one.about) for one in numbers.ranges)
            if all(0 <= span.start_s <= span.end_s <= EPOCH_S for span in spans):
                return item_over(Sort.TIME, tokens, place, numbers.after, spans)
    is_ordinal = stem_at(tokens, place + 1) in _ORDINAL and stem_at(tokens, place + 2) in _SECOND
    if tokens[place].sort == "number" and is_ordinal and tokens[place].value <= EPOCH_S:
        at_s = tokens[place].value
        return item_over(Sort.TIME, tokens, place, place + 3, (Span(max(at_s - 1, 0.0), at_s),))
    return None


def _over_epoch(tokens: list[Token], place: int) -> int:
    """The place after "of the epoch", whose words mean no more; one before stays to be read."""
    at = place
    while stem_at(tokens, at) in ("of", "the", "this", "in") and at - place < 3:
        at += 1
    is_here = stem_at(tokens, at) in EPOCH and stem_at(tokens, at + 1) not in ("before", "after")
    return at + 1 if is_here else place
