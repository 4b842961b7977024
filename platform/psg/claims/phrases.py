"""Set phrases found among tokens, the longest first."""

from __future__ import annotations

from typing import TypeVar

from psg.claims.tokens import Token
from psg.claims.words import PhraseTable

Meaning = TypeVar("Meaning")


def phrase_at(
    table: PhraseTable[Meaning], tokens: list[Token], place: int
) -> tuple[Meaning, int] | None:
    """The meaning of the longest phrase that begins here, and the place after it."""
    if place >= len(tokens):
        return None
    for stems, meaning in table.get(tokens[place].stem, ()):
        after = place + len(stems)
        if tuple(token.stem for token in tokens[place:after]) == stems:
            return meaning, after
    return None


def stem_at(tokens: list[Token], place: int) -> str:
    """The stem at a place, empty outside the text."""
    return tokens[place].stem if 0 <= place < len(tokens) else ""
