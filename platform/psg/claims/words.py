"""Words by their stems, and the words that only link others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, TypeVar

Meaning = TypeVar("Meaning")
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
    """Meanings of phrases, whose words are parted by blanks; of two alike the last holds."""
    known = {tuple(stem(word) for word in words.split(" ")): meaning for words, meaning in phrases}
    table: PhraseTable[Meaning] = {}
    for stems, meaning in sorted(known.items(), key=lambda one: -len(one[0])):
        table.setdefault(stems[0], []).append((stems, meaning))
    return table
