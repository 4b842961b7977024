"""Read a text into claims, sentence by sentence and clause by clause."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from psg.claims.claim import Claim, ReadText, Unread
from psg.claims.clause import ClauseReader
from psg.claims.draft import Draft
from psg.claims.numbers import numbers_at
from psg.claims.quantities import (
    count,
    first_or_last_seconds,
    numbered_seconds,
    part_of_epoch,
    quantity,
    share,
)
from psg.claims.tokens import (
    MOST_CHARACTERS,
    Item,
    ItemMatch,
    Sort,
    Token,
    item_over,
    phrase_at,
    plain,
    stem_at,
    tokens_of,
)
from psg.claims.vocabulary import (
    MEANINGS,
    OTHER_EPOCH,
    REGIONS,
    REM,
    REM_AS_MOVEMENT,
    TONE,
    derivation_of,
    kind_phrases,
)

_AFTER_A_MOVEMENT = frozenset({"at", "in", "around", "near", "from", "between", "burst", "("})


def items_of(tokens: list[Token]) -> list[Item]:
    items, place = [], 0
    while place < len(tokens):
        item, place = _item_at(tokens, place)
        items.append(item)
    return items


def _item_at(tokens: list[Token], place: int) -> tuple[Item, int]:
    for pattern in _PATTERNS:
        if match := pattern(tokens, place):
            return match
    return item_over(Sort.GLUE, tokens, place, place + 1)


def _channel(tokens: list[Token], place: int) -> ItemMatch:
    if tokens[place].sort != "channel":
        return None
    derivation = derivation_of(tokens[place].text)
    if derivation is None:
        return None
    return item_over(Sort.PLACE, tokens, place, place + 1, (derivation,))


def _region(tokens: list[Token], place: int) -> ItemMatch:
    match = phrase_at(REGIONS, tokens, place)
    return match and item_over(Sort.PLACE, tokens, place, match[1], match[0])


def _kind(tokens: list[Token], place: int) -> ItemMatch:
    match = phrase_at(kind_phrases(), tokens, place)
    if not match:
        return _bare_rem(tokens, place)
    kinds, after = match
    if not kinds:
        return item_over(Sort.GLUE, tokens, place, after)
    last = tokens[after - 1]
    return item_over(Sort.KIND, tokens, place, after, kinds, is_plural=last.text != last.stem)


def _bare_rem(tokens: list[Token], place: int) -> ItemMatch:
    """ "REMs" are movements; so is "REM" after "a" or "no", or before a time."""
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


def _meaning(tokens: list[Token], place: int) -> ItemMatch:
    match = phrase_at(MEANINGS, tokens, place)
    if not match:
        return None
    (sort, value), after = match
    if tokens[place].stem == "between":  # two numbers would have been read as such
        return item_over(Sort.BLOCK, tokens, place, after, OTHER_EPOCH)
    return item_over(sort, tokens, place, after, value)


_PATTERNS: tuple[Callable[[list[Token], int], ItemMatch], ...] = (
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


TOO_LONG = f"Only the first {MOST_CHARACTERS:,} characters were read."
NOTHING_TO_CHECK = "It states nothing that is measured here."
OF_WHAT = "It is not clear what this belongs to."
NO_LEVEL = "It names the chin and not its level."


def read_claims(text: str) -> ReadText:
    """Read the statements of an English rationale about its epoch, and its unread parts.

    Takes time linear in the text, of which at most ``MOST_CHARACTERS`` are read. Any string will
    do; places are counted in its characters.
    """
    claims: list[Claim] = []
    unread: list[Unread] = []
    for sentence in _sentences(items_of(tokens_of(plain(text[:MOST_CHARACTERS])))):
        last: Draft | None = None
        for clause in _clauses(sentence):
            drafts, skipped = _read_clause(clause, last, text)
            unread += skipped
            for draft in _with_content(drafts):
                _settle(draft, text, claims, unread)
            last = drafts[-1] if drafts else None
    if len(text) > MOST_CHARACTERS:
        unread.append(_unread(text, MOST_CHARACTERS, len(text), TOO_LONG))
    return ReadText(tuple(claims), tuple(unread))


def claims_of(text: str) -> list[Claim]:
    """The claims alone."""
    return list(read_claims(text).claims)


def _sentences(items: list[Item]) -> Iterator[list[Item]]:
    yield from _parted(items, Sort.SENTENCE)


def _clauses(items: list[Item]) -> Iterator[list[Item]]:
    yield from _parted(items, Sort.CLAUSE)


def _parted(items: list[Item], by: Sort) -> Iterator[list[Item]]:
    part: list[Item] = []
    depth = 0
    for item in items:
        depth += (item.sort is Sort.OPEN) - (item.sort is Sort.CLOSE)
        if item.sort is by and (by is Sort.SENTENCE or depth <= 0):
            if part:
                yield part
            part = []
        else:
            part.append(item)
    if part:
        yield part


def _read_clause(
    clause: list[Item], last: Draft | None, text: str
) -> tuple[list[Draft], list[Unread]]:
    start, end = clause[0].start, clause[-1].end
    blocked = next((item.value for item in clause if item.sort is Sort.BLOCK), None)
    if blocked:
        return [], [_unread(text, start, end, blocked)]
    if not any(item.sort is Sort.KIND for item in clause):
        if last is None or not any(item.sort is Sort.TIME for item in clause):
            return [], [_unread(text, start, end, NOTHING_TO_CHECK)]
        reader = ClauseReader(clause, [last.another()]).read()
    else:
        reader = ClauseReader(clause).read()
    skipped = [_unread(text, item.start, item.end, OF_WHAT) for item in reader.leftover]
    return reader.drafts, [part for part in skipped if part.text]


def _with_content(drafts: list[Draft]) -> list[Draft]:
    """All but a chin without a level beside another with its level: "EMG: tone is low"."""
    tells = any(draft.kind == TONE and not draft.is_empty for draft in drafts)
    return [draft for draft in drafts if not (tells and draft.is_empty)]


def _settle(draft: Draft, text: str, claims: list[Claim], unread: list[Unread]) -> None:
    problem = draft.problem or (NO_LEVEL if draft.is_empty else None)
    if problem:
        unread.append(_unread(text, draft.start, draft.end, problem))
    else:
        claims.append(draft.claim(text))


def _unread(text: str, start: int, end: int, reason: str) -> Unread:
    return Unread(text[start:end], start, end, reason)
