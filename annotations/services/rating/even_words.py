"""Evening out how a text is set, so that its looks do not tell who or what wrote it.

What is said stays as it is: words, numbers and their order. What goes is layout (lines, lists,
headings, emphasis, fences) and the choice between signs that mean the same.
"""

import re
import unicodedata
from typing import Final

_SAME_SIGNS: Final = {
    "-": "\u2010\u2011\u2012\u2013\u2014\u2212",
    "'": "\u2018\u2019\u201a\u02bc",
    '"': "\u201c\u201d\u201e\u00ab\u00bb",
    "\u03bc": "\u00b5",
    "...": "\u2026",
    "": "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff",
}
_SIGNS: Final = str.maketrans({old: new for new, signs in _SAME_SIGNS.items() for old in signs})
_FENCE: Final = re.compile(r"^\s*(```|~~~)[\w-]*\s*$", re.MULTILINE)
_LIST_MARK: Final = re.compile(r"^\s*(?:[-*+\u2022\u25e6\u25aa]|\(?(?:\d{1,2}|[a-z])[.)])\s+")
_HEADING: Final = re.compile(r"^\s*#{1,6}\s+")
_EMPHASIS: Final = re.compile(r"(?<!\w)(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_MICROVOLT: Final = re.compile(r"(?<![^\W\d_])uV\b")
_UNIT: Final = re.compile(r"(?<=\d)(?=(?:\u03bcV|Hz|ms|s)\b|%)")
_ENDS: Final = (".", "!", "?", ":", ";", ",")


def evened(text: str) -> str:
    """Return the text in one line of plain words that ends in a stop."""
    plain = unicodedata.normalize("NFC", _FENCE.sub("", text)).translate(_SIGNS)
    joined = _EMPHASIS.sub(r"\2", " ".join(_sentences(plain)))
    joined = _UNIT.sub(" ", _MICROVOLT.sub("\u03bcV", joined))
    return " ".join(joined.split())


def _sentences(text: str) -> list[str]:
    """Return the lines without their marks; what a line break ended, a full stop ends."""
    lines = text.splitlines()
    found = []
    for place, line in enumerate(lines):
        words = _LIST_MARK.sub("", _HEADING.sub("", line)).strip()
        if not words:
            continue
        after = lines[place + 1] if place + 1 < len(lines) else ""
        needs_stop = (_begins_anew(after) or _HEADING.match(line)) and not _is_ended(words)
        found.append(f"{words}." if needs_stop else words)
    return found


def _is_ended(words: str) -> bool:
    return words.rstrip("*_`\"')").endswith(_ENDS)


def _begins_anew(line: str) -> bool:
    return not line.strip() or bool(_LIST_MARK.match(line) or _HEADING.match(line))
