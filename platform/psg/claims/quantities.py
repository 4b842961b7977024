"""Numbers with a unit and parts of the epoch: frequency, amplitude, share, time, count."""

from __future__ import annotations

from math import inf

from psg.claims.claim import Range, Span
from psg.claims.numbers import COMPARATORS, Numbers, numbers_at
from psg.claims.tokens import (
    EPOCH,
    ItemMatch,
    Sort,
    Token,
    item_over,
    phrase_at,
    phrase_table,
    stem_at,
)
from psg.stages import EPOCH_S

# Numbers beyond these are no measures of an epoch of sleep.
_MOST = {"s": EPOCH_S, "hz": 200.0, "uv": 5000.0, "%": 1.0}
_SORTS = {"hz": Sort.FREQUENCY, "uv": Sort.AMPLITUDE, "%": Sort.SHARE}

_AT = frozenset({"at", "@", "from", "between", "near", "during", "second", "time", "t", "="})
_FOR = frozenset(
    {
        "for",
        "last",
        "lasting",
        "duration",
        "totalling",
        "totaling",
        "total",
        "to",
        "fill",
        "occupy",
        "occupying",
        "filling",
        "cover",
        "covering",
        "of",
        "reach",
        "measure",
        "sum",
        "with",
    }
)
_BOUNDS = {"after": (False, True), "before": (True, False), "until": (True, False)}
_INTO = phrase_table([("into the epoch", 1), ("into the page", 1), ("into this epoch", 1)])
_LONG = phrase_table(
    [("of", 1), ("long", 1), ("in duration", 1), ("duration", 1), ("in total", 1), ("in length", 1)]
)
_COUNT_WORDS = {
    "single": Range(1, 1),
    "couple": Range(2, 3),
    "pair": Range(2, 2),
    "several": Range(2, inf),
    "multiple": Range(2, inf),
    "few": Range(2, inf),
    "many": Range(3, inf),
    "numerous": Range(3, inf),
    "frequent": Range(3, inf),
    "repeated": Range(2, inf),
    "recurrent": Range(2, inf),
}
_BEFORE_EPOCH = frozenset({"the", "this", "a", "an", "whole", "entire", "30", "s", "second", "sec"})
_INCLUSIVE = frozenset({"least", "most", "minimum", "maximum", "to", ">=", "<=", "no", "not"})


def quantity(tokens: list[Token], place: int) -> ItemMatch:
    """A number with a unit, with the comparator before it."""
    numbers = numbers_at(tokens, place)
    if numbers is None or not numbers.unit or not _is_possible(numbers):
        return None
    if numbers.unit == "s":
        return _seconds(tokens, place, numbers)
    sort = _SORTS[numbers.unit]
    if sort is Sort.SHARE and stem_at(tokens, place - 1) == "by":
        return None
    after = _after_of_epoch(tokens, numbers.after) if sort is Sort.SHARE else numbers.after
    return item_over(sort, tokens, place, after, _envelope(numbers))


def count(tokens: list[Token], place: int) -> ItemMatch:
    """The number of events: a number without a unit, or a word for it."""
    numbers = numbers_at(tokens, place)
    if numbers and not numbers.unit and len(numbers.ranges) == 1:
        words = {token.text for token in tokens[place : numbers.after]}
        counted = _counted(numbers.ranges[0], is_strict=not words & _INCLUSIVE)
        return item_over(Sort.COUNT, tokens, place, numbers.after, counted)
    known = _COUNT_WORDS.get(tokens[place].stem)
    after = place + 2 if stem_at(tokens, place + 1) == "of" else place + 1
    return item_over(Sort.COUNT, tokens, place, after, known) if known else None


def _counted(stated: Range, *, is_strict: bool) -> Range:
    """ "More than two" begins with three, "at least two" with two."""
    if not stated.is_open or not is_strict:
        return stated
    return (
        Range(stated.low + 1, stated.high)
        if stated.high == inf
        else Range(stated.low, stated.high - 1)
    )


def _seconds(tokens: list[Token], place: int, numbers: Numbers) -> ItemMatch:
    after, before = numbers.after, stem_at(tokens, place - 1)
    if before in ("the", "a", "an") and stem_at(tokens, place - 2) in _AT:
        before = stem_at(tokens, place - 2)
    if before == "every":
        return None
    if stem_at(tokens, after) == "mark" and stem_at(tokens, place - 1) == "the":
        return item_over(Sort.TIME, tokens, place, after + 1, _spans(numbers))
    if into := phrase_at(_INTO, tokens, after):
        return item_over(Sort.TIME, tokens, place, into[1], _spans(numbers))
    if before in _BOUNDS:
        return item_over(Sort.TIME, tokens, place, after, (_bounded(numbers, *_BOUNDS[before]),))
    if before in ("at", "@") and stem_at(tokens, after) == "of":  # "at 12 s of the epoch"
        return item_over(Sort.TIME, tokens, place, after, _spans(numbers))
    if len(numbers.ranges) > 1 and phrase_at(_LONG, tokens, after):
        numbers = numbers_at(tokens, place, most=1) or numbers
        after = numbers.after
    if phrase_at(_LONG, tokens, after):
        after = _after_of_epoch(tokens, after)
        return item_over(Sort.SECONDS, tokens, place, after, _envelope(numbers))
    if numbers.comparator in ("more", "less"):
        return item_over(Sort.SECONDS, tokens, place, after, _envelope(numbers))
    if (
        before in ("in", "within")
        and len(numbers.ranges) == 1
        and numbers.ranges[0].low == numbers.ranges[0].high
    ):
        return None
    if before in _AT or numbers.comparator == "between" or _is_around(tokens, place):
        if "from" in (before, stem_at(tokens, place)) and _goes_on(tokens, numbers):
            return item_over(Sort.TIME, tokens, place, after + 1, (_bounded(numbers, False, True),))
        return item_over(Sort.TIME, tokens, place, after, _spans(numbers))
    if before in _FOR:
        return item_over(Sort.SECONDS, tokens, place, after, _envelope(numbers))
    if any(part.low < part.high for part in numbers.ranges) or len(numbers.ranges) > 1:
        return item_over(Sort.TIME, tokens, place, after, _spans(numbers))
    return item_over(Sort.BARE_SECONDS, tokens, place, after, numbers.ranges[0])


def _goes_on(tokens: list[Token], numbers: Numbers) -> bool:
    """ "From 12 s on", "from 12 s onwards", and not "from 12 to 14 s on C4"."""
    first = numbers.ranges[0]
    word, after = stem_at(tokens, numbers.after), stem_at(tokens, numbers.after + 1)
    is_word = word == "onward" or (word == "on" and after in ("", ",", ".", ";", ")"))
    return is_word and first.low == first.high


def _is_around(tokens: list[Token], place: int) -> bool:
    """ "Around 12 s" is a time unless a word before it makes it a length."""
    return stem_at(tokens, place) in ("around", "near") and stem_at(tokens, place - 1) not in _FOR


def _is_possible(numbers: Numbers) -> bool:
    most = _MOST[numbers.unit]
    bounds = [bound for part in numbers.ranges for bound in (part.low, part.high)]
    return all(0 <= bound <= most for bound in bounds if abs(bound) != inf)


def _after_of_epoch(tokens: list[Token], place: int) -> int:
    """The place after "of the epoch", "of this 30-s epoch" or "of 30"."""
    if stem_at(tokens, place) != "of":
        return place
    after = place + 1
    while stem_at(tokens, after) in _BEFORE_EPOCH and after - place < 6:
        after += 1
    if _is_this_epoch(tokens, after):
        return after + 1
    if place + 1 < len(tokens) and tokens[place + 1].value == EPOCH_S:
        return place + 3 if stem_at(tokens, place + 2) in ("s", "second") else place + 2
    return place


def _envelope(numbers: Numbers) -> Range:
    """A single range around all ranges."""
    if len(numbers.ranges) == 1:
        return numbers.ranges[0]
    ranges = numbers.ranges
    return Range(min(part.low for part in ranges), max(part.high for part in ranges))


def _spans(numbers: Numbers) -> tuple[Span, ...]:
    return tuple(
        Span(
            max(part.low, 0.0), min(part.high, EPOCH_S), part.about or numbers.comparator == "about"
        )
        for part in numbers.ranges
    )


def _bounded(numbers: Numbers, from_start: bool, to_end: bool) -> Span:
    part = numbers.ranges[0]
    start_s = 0.0 if from_start else part.low
    return Span(start_s, EPOCH_S if to_end else part.high)


NEARLY_ALL = 0.75
"""The least share that "throughout" means; it rarely means every second."""

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


def share(tokens: list[Token], place: int) -> ItemMatch:
    comparator, after = phrase_at(COMPARATORS, tokens, place) or (None, place)
    fraction = phrase_at(_FRACTIONS, tokens, after)
    if fraction:
        value, end = fraction
        if stem_at(tokens, end) in ("second", "sec", "wave", "cycle"):
            return None
        return item_over(
            Sort.SHARE, tokens, place, _after_share(tokens, end), _range_of(value, comparator)
        )
    return _most(tokens, place)


def _most(tokens: list[Token], place: int) -> ItemMatch:
    match = phrase_at(_MOST_OF, tokens, place)
    if not match:
        return None
    value, end = match
    after = _after_share(tokens, end)
    if after == end and tokens[place].stem in _NEEDS_EPOCH:
        return None
    return item_over(Sort.SHARE, tokens, place, after, value)


def _range_of(value: float, comparator: str | None) -> Range:
    if comparator == "more":
        return Range(value, inf)
    if comparator == "less":
        return Range(-inf, value)
    return Range(value, value, about=comparator == "about")


def _after_share(tokens: list[Token], place: int) -> int:
    """The place after "of the epoch" or "the epoch", which add no meaning."""
    for at in range(place, min(place + 4, len(tokens))):
        if tokens[at].stem in EPOCH:
            return at + 1
        if tokens[at].stem not in ("of", "the", "this", "30", "s"):
            break
    return place


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


def part_of_epoch(tokens: list[Token], place: int) -> ItemMatch:
    match = phrase_at(_PARTS, tokens, place)
    if match is None:
        return None
    span, after = match
    return item_over(Sort.TIME, tokens, place, _after_part(tokens, after), (span,))


def first_or_last_seconds(tokens: list[Token], place: int) -> ItemMatch:
    """ "First 10 s" and "last five seconds" by number."""
    side = tokens[place].text
    if side not in _FIRST and side not in _LAST:
        return None
    numbers = numbers_at(tokens, place + 1)
    if numbers is None or numbers.unit != "s" or numbers.ranges[0].is_open:
        return None
    length_s = min(numbers.ranges[0].high, EPOCH_S)
    span = Span(0.0, length_s) if side in _FIRST else Span(EPOCH_S - length_s, EPOCH_S)
    return item_over(Sort.TIME, tokens, place, _after_part(tokens, numbers.after), (span,))


def numbered_seconds(tokens: list[Token], place: int) -> ItemMatch:
    """ "Second 12", "seconds 12-14"; "the 12th second"."""
    if tokens[place].stem in _SECOND and tokens[place].sort == "word":
        numbers = numbers_at(tokens, place + 1)
        if numbers and numbers.unit in ("", "s") and not numbers.ranges[0].is_open:
            spans = tuple(Span(part.low, part.high, part.about) for part in numbers.ranges)
            if all(0 <= span.start_s <= span.end_s <= EPOCH_S for span in spans):
                return item_over(Sort.TIME, tokens, place, numbers.after, spans)
    is_ordinal = stem_at(tokens, place + 1) in _ORDINAL and stem_at(tokens, place + 2) in _SECOND
    if tokens[place].sort == "number" and is_ordinal and tokens[place].value <= EPOCH_S:
        at_s = tokens[place].value
        return item_over(Sort.TIME, tokens, place, place + 3, (Span(max(at_s - 1, 0.0), at_s),))
    return None


def _after_part(tokens: list[Token], place: int) -> int:
    """The place after "of the epoch", which adds no meaning; "of the epoch before" does."""
    at = place
    while stem_at(tokens, at) in ("of", "the", "this", "in") and at - place < 3:
        at += 1
    return at + 1 if _is_this_epoch(tokens, at) else place


def _is_this_epoch(tokens: list[Token], place: int) -> bool:
    """Whether "epoch" stands here, and not "epoch before" or "epoch after"."""
    following = stem_at(tokens, place + 1)
    return stem_at(tokens, place) in EPOCH and following not in ("before", "after")
