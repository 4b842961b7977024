"""A plain text cut into words, numbers, channels and marks.

One expression without nested repetition, so that its time is linear in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from psg.claims.words import ABBREVIATIONS, stem

_LONGEST_NUMBER = 9
_TOKEN = re.compile(
    r"(?P<rule>\b(?:n[123]|w|r|mbm)\.\d\b)"
    r"|(?P<channel>\b(?:[fco][34z12]|e[12]|loc|roc)(?:[-/:](?:[ma][12]|cle|ler|le)\b)?(?![\w]))"
    r"|(?P<number>\d+(?:\.\d+|,\d{1,2}(?![\d,]))?|(?<!\d)\.\d+)"
    r"|(?P<word>[^\W\d_]+\d*(?:'[a-z]+)?)"
    r"|(?P<mark>[<>]=?|\+/-|[^\w\s]|\n)"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text; ``stem`` is a word without its plural, ``value`` that of a number."""

    sort: str
    text: str
    start: int
    end: int
    stem: str = ""
    value: float = 0.0


def tokens_of(plain_text: str) -> list[Token]:
    """All tokens; hyphens stay only before numbers, full stops only where a sentence may end."""
    found = [_token(match) for match in _TOKEN.finditer(plain_text)]
    return [token for place, token in enumerate(found) if not _is_idle(found, place)]


def _token(match: re.Match[str]) -> Token:
    sort, text = match.lastgroup or "mark", match.group()
    if sort == "number":
        if len(text) > _LONGEST_NUMBER:
            return Token("mark", "#", match.start(), match.end())
        value = float(text.replace(",", "."))
        return Token(sort, text, match.start(), match.end(), value=value)
    word = stem(text) if sort == "word" else text
    return Token(sort, text, match.start(), match.end(), stem=word)


def _is_idle(tokens: list[Token], place: int) -> bool:
    """A hyphen inside a compound, the full stop of an abbreviation."""
    token = tokens[place]
    before = tokens[place - 1] if place else None
    after = tokens[place + 1] if place + 1 < len(tokens) else None
    if token.text == "-":
        return before is None or after is None or after.sort != "number" or before.text == "\n"
    return token.text == "." and before is not None and before.text in ABBREVIATIONS
