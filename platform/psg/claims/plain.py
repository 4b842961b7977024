"""Texts as people and models write them, made plain without moving a single character.

Every step maps one character to one, so a place in the plain text is the same place in the
text as it was written.
"""

from __future__ import annotations

import unicodedata

MOST_CHARACTERS = 10_000
"""Longer texts are read up to here: a rationale has some hundred characters."""

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
    """Lower case, one kind of dash, blanks for control characters; as long as the text itself."""
    return "".join(_plain_character(character) for character in text.translate(_SAME))


def _plain_character(character: str) -> str:
    if character == "\n" or " " <= character <= "~":
        return character.lower()
    if unicodedata.category(character)[0] in "ZC":
        return " "
    lower = character.lower()
    return lower if len(lower) == 1 else character
