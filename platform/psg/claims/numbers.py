"""Numbers as they are written: 12.3, 0-10, between 12 and 14, 3.1, 7.9 and 15.2, > 75, ~13."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf

from psg.claims.claim import Range
from psg.claims.tokens import PhraseTable, Token, phrase_at, phrase_table, stem_at

_MORE, _LESS, _ABOUT, _BETWEEN, _EXACT = "more", "less", "about", "between", "exact"
_WORDING = {
    _MORE: "more than|over|above|exceeding|exceed|greater than|larger than|higher than|>|>="
    "|at least|no less than|not less than|in excess of|a minimum of|longer than|well over"
    "|well above|bigger than|clearly above|just above|just over|beyond",
    _LESS: "less than|below|under|fewer than|smaller than|lower than|at most|up to|<|<="
    "|no more than|not more than|a maximum of|shorter than|well below|well under|just below"
    "|just under",
    _ABOUT: "about|approximately|approx|around|roughly|circa|ca|nearly|almost|~|close to|appr"
    "|approximate|near",
    _BETWEEN: "between|from|ranging from|ranging between",
    _EXACT: "only|just|exactly|a total of|some",
}
COMPARATORS = phrase_table(
    (words, meaning) for meaning, wording in _WORDING.items() for words in wording.split("|")
)
_UNITS: PhraseTable[tuple[str, float]] = phrase_table(
    [
        *((words, ("s", 1.0)) for words in ("s", "sec", "second")),
        *((words, ("s", 0.001)) for words in ("ms", "msec", "millisecond")),
        *((words, ("hz", 1.0)) for words in ("hz", "hertz", "cps", "cycle per second", "c / s")),
        *((words, ("uv", 1.0)) for words in ("uv", "microvolt", "micro volt", "u v")),
        *((words, ("%", 0.01)) for words in ("%", "percent", "per cent", "pct")),
    ]
)
_WORDS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_NUMBER_WORDS = {
    **{word: float(number) for number, word in enumerate(_WORDS.split("|"), start=1)},
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
}
_MOST_IN_A_LIST = 40


@dataclass(frozen=True)
class Numbers:
    """Ranges in a common unit, in the order of writing; ``unit`` is s, hz, uv, % or empty."""

    ranges: tuple[Range, ...]
    unit: str
    comparator: str | None
    after: int


def comparator_at(tokens: list[Token], place: int) -> tuple[str | None, int]:
    """``more``, ``less``, ``about`` or None, and the place after its words."""
    comparator, after = None, place
    while match := phrase_at(COMPARATORS, tokens, after):
        meaning, after = match
        is_weak = comparator in (None, _EXACT, _BETWEEN)
        comparator = meaning if is_weak or meaning == _BETWEEN else comparator
        if after - place > 6:
            break
    return comparator, after


def numbers_at(tokens: list[Token], place: int, *, most: int = _MOST_IN_A_LIST) -> Numbers | None:
    """Numbers with their unit; a list ends where the unit changes."""
    comparator, at = comparator_at(tokens, place)
    first = _element(tokens, at, is_between=comparator == _BETWEEN)
    if first is None:
        return None
    elements = [first]
    while len(elements) < most and (after := _joined(tokens, elements[-1].after)):
        following = _element(tokens, after, is_between=False)
        known = next((element.unit for element in reversed(elements) if element.unit), "")
        if following is None or (known and following.unit != known):
            break
        elements.append(following)
    while len(elements) > 1 and not elements[-1].unit and any(e.unit for e in elements):
        elements.pop()
    return _with_unit(elements, comparator)


@dataclass(frozen=True)
class _Element:
    low: float
    high: float
    unit: str
    scale: float
    after: int


def _element(tokens: list[Token], place: int, *, is_between: bool) -> _Element | None:
    """A number or a range of two, with the unit after it."""
    low = _number(tokens, place)
    if low is None:
        return None
    unit, scale, after = _unit(tokens, place + 1)
    link = stem_at(tokens, after)
    if link == "+/-" or link == "±":
        return _plus_minus(tokens, after + 1, low)
    if link in ("-", "to", "through", "until", "till") or (is_between and link in ("and", "&")):
        high = _number(tokens, after + 1)
        if high is not None and high > low:
            last_unit, last_scale, after = _unit(tokens, after + 2)
            return _Element(low, high, last_unit or unit, last_scale or scale, after)
    return _Element(low, low, unit, scale, after)


def _plus_minus(tokens: list[Token], place: int, middle: float) -> _Element | None:
    spread = _number(tokens, place)
    if spread is None:
        return None
    unit, scale, after = _unit(tokens, place + 1)
    return _Element(middle - spread, middle + spread, unit, scale, after)


def _number(tokens: list[Token], place: int) -> float | None:
    if place >= len(tokens):
        return None
    token = tokens[place]
    return token.value if token.sort == "number" else _NUMBER_WORDS.get(token.text)


def _unit(tokens: list[Token], place: int) -> tuple[str, float, int]:
    match = phrase_at(_UNITS, tokens, place)
    if not match:
        return "", 0.0, place
    (unit, scale), after = match
    return unit, scale, after


def _joined(tokens: list[Token], place: int) -> int:
    """The place after a comma, an "and" or both; 0 where the list does not go on."""
    after = place
    while stem_at(tokens, after) in (",", "and", "&", "or") and after - place < 2:
        after += 1
    return after if after > place else 0


def _with_unit(elements: list[_Element], comparator: str | None) -> Numbers:
    unit, scale = next(((e.unit, e.scale) for e in elements if e.unit), ("", 1.0))
    ranges = [Range(e.low * (e.scale or scale), e.high * (e.scale or scale)) for e in elements]
    if comparator == _MORE:
        ranges[0] = Range(ranges[0].low, inf)
    elif comparator == _LESS:
        ranges[0] = Range(-inf, ranges[0].high)
    elif comparator == _ABOUT:
        ranges[0] = replace(ranges[0], about=True)
    stated = comparator if comparator in (_MORE, _LESS, _ABOUT, _BETWEEN) else None
    return Numbers(tuple(ranges), unit, stated, elements[-1].after)
