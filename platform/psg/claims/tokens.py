"""Text cut into tokens: plain characters, words by their stems, set phrases, items of meaning.

Every step keeps the place of each character, so a place in the plain text is the same place in the
text as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeAlias, TypeVar

MOST_CHARACTERS = 10_000
"""Limit of the characters that are read; a rationale has some hundreds."""

_SAME = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—−﹣-", "-"),
        **dict.fromkeys("µμ", "u"),
        **dict.fromkeys("’‘`´", "'"),
        **dict.fromkeys("≈∼˜", "~"),
        "≤": "<",
        "≥": ">",
        "⩾": ">",
        "⩽": "<",
        "×": "x",
        "\u2028": "\n",
        "\u2029": "\n",
    }
)


def plain(text: str) -> str:
    """Lower case, a single kind of dash, blanks for control characters; of the same length."""
    return "".join(_plain_character(character) for character in text.translate(_SAME))


def _plain_character(character: str) -> str:
    if character == "\n" or " " <= character <= "~":
        return character.lower()
    if unicodedata.category(character)[0] in "ZC":
        return " "
    lower = character.lower()
    return lower if len(lower) == 1 else character


_LONGEST_NUMBER = 9
# An expression without nested repetition, so that its time is linear in the text.
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
    tokens = [_token(match) for match in _TOKEN.finditer(plain_text)]
    return [token for place, token in enumerate(tokens) if not _is_idle(tokens, place)]


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


PhraseTable: TypeAlias = dict[str, list[tuple[tuple[str, ...], Meaning]]]
"""Phrases as stems with their meanings, by their first stem, the longest first."""

ABBREVIATIONS = frozenset({"approx", "ca", "e", "g", "i", "vs", "resp", "appr", "amp", "freq"})

EPOCH = frozenset({"epoch", "page", "window", "screen", "record"})


def stem(word: str) -> str:
    """A word without its plural: spindles, complexes and waves become spindle, complex, wave."""
    if word.endswith(("xes", "ches", "sses")):
        return word[:-2]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def phrase_table(phrases: Iterable[tuple[str, Meaning]]) -> PhraseTable[Meaning]:
    """Meanings of phrases, words separated by blanks; of two equal phrases the last holds."""
    known = {tuple(stem(word) for word in words.split(" ")): meaning for words, meaning in phrases}
    table: PhraseTable[Meaning] = {}
    for stems, meaning in sorted(known.items(), key=lambda entry: -len(entry[0])):
        table.setdefault(stems[0], []).append((stems, meaning))
    return table


# Items: the pieces of meaning of a sentence, in the order in which they are written.


class Sort(Enum):
    """The meaning of an item; in brackets the type of its value."""

    KIND = auto()  # (tuple of kinds)
    PLACE = auto()  # (tuple of derivations)
    TIME = auto()  # (tuple of Span)
    SECONDS = auto()  # (Range) a length in seconds
    BARE_SECONDS = auto()  # (Range) seconds without a word for their meaning
    FREQUENCY = auto()  # (Range) in Hz
    AMPLITUDE = auto()  # (Range) in uV
    SHARE = auto()  # (Range) part of the epoch, 0 to 1
    COUNT = auto()  # (Range)
    LEVEL = auto()  # (str) low or high
    NOT = auto()
    SEEN = auto()  # seen, present, visible
    GONE = auto()  # absent, missing
    DOUBT = auto()  # (str) why the words before are no statement
    HEDGE = auto()  # (str) why the words after are no statement
    BLOCK = auto()  # (str) why the whole clause is no statement
    CHANGE = auto()  # (str) the words before give way to those after
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


ItemMatch = tuple[Item, int] | None
"""An item and the place of the token after it, or nothing."""


def item_over(
    sort: Sort, tokens: list[Token], first: int, after: int, value: Any = None, **more: bool
) -> tuple[Item, int]:
    """An item that spans the tokens from ``first`` to before ``after``."""
    return Item(sort, tokens[first].start, tokens[after - 1].end, value, **more), after
