"""Finding names, dates and numbers in one text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from annotations.releases.free_text.given_names import GIVEN_NAMES
from annotations.releases.free_text.known import KnownNames
from annotations.releases.free_text.ordinary import ORDINARY
from annotations.releases.free_text.patterns import CAPITALISED, DATES, NUMBERS, TITLED

# Goes into manifests: another number where another thing is found.
SCANNER = "epochwise-free-text/1"


class Kind(StrEnum):
    NAME = "name"
    DATE = "date"
    NUMBER = "number"


@dataclass(frozen=True, order=True)
class Hit:
    """A stretch of a text, in characters."""

    start: int
    stop: int
    kind: Kind


_SHAPES = [
    (kind, re.compile(pattern))
    for kind, patterns in ((Kind.DATE, DATES), (Kind.NUMBER, NUMBERS), (Kind.NAME, TITLED))
    for pattern in patterns
]
_CAPITALISED = re.compile(rf"\b{CAPITALISED}")
_SHORTEST_IN_CAPITALS = 4


class Scanner:
    """Looks through texts; says what it found, never what is harmless."""

    def __init__(self, known: KnownNames) -> None:
        self._known = known

    def hits(self, text: str) -> list[Hit]:
        """Return what was found, in order, where stretches meet as one."""
        return _joined(sorted([*_by_shape(text), *self._by_name(text), *self._as_written(text)]))

    def _by_name(self, text: str) -> Iterator[Hit]:
        for found in _CAPITALISED.finditer(text):
            if any(self._is_name(part) for part in re.split(r"[-'’]", found.group())):
                yield Hit(found.start(), found.end(), Kind.NAME)

    def _is_name(self, word: str) -> bool:
        plain = word.lower()
        if word.isupper() and len(word) < _SHORTEST_IN_CAPITALS:
            return False
        return plain in self._known.people or plain in GIVEN_NAMES

    def _as_written(self, text: str) -> Iterator[Hit]:
        if self._known.whole is None:
            return
        for found in self._known.whole.finditer(text):
            kind = Kind.NUMBER if found.lastgroup == "code" else Kind.NAME
            yield Hit(found.start(), found.end(), kind)


def _by_shape(text: str) -> Iterator[Hit]:
    for kind, shape in _SHAPES:
        for found in shape.finditer(text):
            start, stop = found.span("who" if "who" in shape.groupindex else 0)
            if kind is Kind.NAME:
                stop = _without_ordinary(text, start, stop)
            if stop > start:
                yield Hit(start, stop, kind)


def _without_ordinary(text: str, start: int, stop: int) -> int:
    """Return where a name of one or two words ends, or its start where it is none."""
    first, _, second = text[start:stop].partition(" ")
    if first.lower() in ORDINARY or first.isupper():
        return start
    return start + len(first) if second.lower() in ORDINARY else stop


def _joined(hits: Iterable[Hit]) -> list[Hit]:
    joined: list[Hit] = []
    for hit in hits:
        if joined and hit.start <= joined[-1].stop:
            last = joined[-1]
            joined[-1] = Hit(last.start, max(last.stop, hit.stop), last.kind)
        else:
            joined.append(hit)
    return joined
