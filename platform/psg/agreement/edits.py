"""How far one text is from another, in words put in, left out or replaced."""

from __future__ import annotations

from collections.abc import Sequence


def word_edits(first: str, second: str) -> float:
    """Edit distance of two texts in words, over the words of the longer one; 0 same, 1 all new.

    Levenshtein's distance (1966). What differs in spaces, line breaks or case only is the same.
    """
    a, b = first.lower().split(), second.lower().split()
    longer = max(len(a), len(b))
    return _distance(a, b) / longer if longer else 0.0


def _distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Levenshtein's distance by columns of bits (Myers 1999, in the form of Hyyrö 2003)."""
    if not a or not b:
        return len(a) or len(b)
    places: dict[str, int] = {}
    for place, word in enumerate(a):
        places[word] = places.get(word, 0) | 1 << place
    everywhere, last = (1 << len(a)) - 1, 1 << (len(a) - 1)
    up, down, distance = everywhere, 0, len(a)
    for word in b:
        same = places.get(word, 0)
        straight = same | down
        diagonal = (((same & up) + up) ^ up) | same
        rise = down | ~(diagonal | up) & everywhere
        fall = up & diagonal
        distance += bool(rise & last) - bool(fall & last)
        rise = (rise << 1 | 1) & everywhere
        up = (fall << 1 | ~(straight | rise)) & everywhere
        down = rise & straight
    return distance
