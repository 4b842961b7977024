"""From a text to its claims, sentence by sentence and clause by clause."""

from __future__ import annotations

from collections.abc import Iterator

from psg.claims.claim import Claim, ReadText, Unread
from psg.claims.clause import ClauseReader
from psg.claims.draft import Draft
from psg.claims.items import Item, Sort
from psg.claims.kinds import TONE
from psg.claims.plain import MOST_CHARACTERS, plain
from psg.claims.scanning import items_of
from psg.claims.tokens import tokens_of

TOO_LONG = f"Only the first {MOST_CHARACTERS:,} characters were read."
NOTHING_TO_CHECK = "It states nothing that is measured here."
OF_WHAT = "It is not clear what this is said of."
NO_LEVEL = "It names the chin and not its level."


def read_claims(text: str) -> ReadText:
    """What an English rationale states about its epoch, and what of it was not understood.

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
            for draft in _telling(drafts):
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
    skipped = [_unread(text, one.start, one.end, OF_WHAT) for one in reader.leftover]
    return reader.drafts, [one for one in skipped if one.text]


def _telling(drafts: list[Draft]) -> list[Draft]:
    """All but a chin that is named once more where its level is told: "EMG: tone is low"."""
    tells = any(draft.kind == TONE and not draft.says_nothing for draft in drafts)
    return [draft for draft in drafts if not (tells and draft.says_nothing)]


def _settle(draft: Draft, text: str, claims: list[Claim], unread: list[Unread]) -> None:
    problem = draft.problem or (NO_LEVEL if draft.says_nothing else None)
    if problem:
        unread.append(_unread(text, draft.start, draft.end, problem))
    else:
        claims.append(draft.claim(text))


def _unread(text: str, start: int, end: int, reason: str) -> Unread:
    return Unread(text[start:end], start, end, reason)
