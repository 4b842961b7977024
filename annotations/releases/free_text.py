"""The search of free text for what may identify a person: names, dates and numbers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from annotations.downloads import Table
from annotations.releases.free_text_names import (
    CAPITALISED,
    DATES,
    GIVEN_NAMES,
    NUMBERS,
    ORDINARY,
    TITLED,
    KnownNames,
)
from annotations.releases.models import ReleaseFinding
from annotations.releases.nights import ReleaseNight
from annotations.releases.ratings import COLUMNS
from annotations.scoring.models import Scorer, Scoring

# Stands in manifests. A search with other results needs another number.
SCANNER = "epochwise-free-text/1"


class HitKind(StrEnum):
    NAME = "name"
    DATE = "date"
    NUMBER = "number"


@dataclass(frozen=True, order=True)
class Hit:
    """A stretch of a text, in characters."""

    start: int
    stop: int
    kind: HitKind


_SHAPES = [
    (kind, re.compile(pattern))
    for kind, patterns in ((HitKind.DATE, DATES), (HitKind.NUMBER, NUMBERS), (HitKind.NAME, TITLED))
    for pattern in patterns
]
_CAPITALISED = re.compile(rf"\b{CAPITALISED}")
_SHORTEST_IN_CAPITALS = 4


class Scanner:
    """Searches texts; whether a hit is harmless is for people to decide."""

    def __init__(self, known: KnownNames) -> None:
        self._known = known

    def hits(self, text: str) -> list[Hit]:
        """Return all hits in order; hits that touch are joined."""
        return _joined(sorted([*_by_shape(text), *self._by_name(text), *self._as_written(text)]))

    def _by_name(self, text: str) -> Iterator[Hit]:
        for match in _CAPITALISED.finditer(text):
            if any(self._is_name(part) for part in re.split(r"[-'’]", match.group())):
                yield Hit(match.start(), match.end(), HitKind.NAME)

    def _is_name(self, word: str) -> bool:
        plain = word.lower()
        if word.isupper() and len(word) < _SHORTEST_IN_CAPITALS:
            return False
        return plain in self._known.people or plain in GIVEN_NAMES

    def _as_written(self, text: str) -> Iterator[Hit]:
        if self._known.whole is None:
            return
        for match in self._known.whole.finditer(text):
            kind = HitKind.NUMBER if match.lastgroup == "code" else HitKind.NAME
            yield Hit(match.start(), match.end(), kind)


def _by_shape(text: str) -> Iterator[Hit]:
    for kind, shape in _SHAPES:
        for match in shape.finditer(text):
            start, stop = match.span("who" if "who" in shape.groupindex else 0)
            if kind is HitKind.NAME:
                stop = _without_ordinary(text, start, stop)
            if stop > start:
                yield Hit(start, stop, kind)


def _without_ordinary(text: str, start: int, stop: int) -> int:
    """Return where a name of up to two words ends, or its start where it is no name."""
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


# Reading all free text of a release: rationales, comments, guidelines, names.


Where = ReleaseFinding.Where


@dataclass
class Passage:
    """A hit in a text, the first place of the text, and in how many places it occurs."""

    text: str
    hit: Hit
    where: Where
    place: str
    score_id: int | None
    places: int = 1


class TextReader:
    """Reads the texts of a release and collects hits; only texts with hits are kept."""

    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner
        self._passages: dict[str, list[Passage]] = {}
        self._short: set[str] = set()
        self.texts = 0

    @property
    def passages(self) -> list[Passage]:
        return [passage for of_text in self._passages.values() for passage in of_text]

    def read_night(self, night: ReleaseNight) -> None:
        for kept in night.rows:
            row, place = kept.row, f"{night.entry.key}, epoch {kept.row.epoch + 1}"
            if kept.is_kept and row.rationale:
                self.read(row.rationale, Where.RATIONALE, place, row.pk)
            self._read_once(row.source_text, Where.STAGE_TEXT, place, row.pk)

    def read_scorings(self, scorings: Sequence[Scoring]) -> None:
        """Read the guidelines of scorings, and the names of scorers that files contain."""
        for scoring in scorings:
            self._read_once(scoring.guideline, Where.GUIDELINE, "guideline")
            if scoring.scorer.kind != Scorer.Kind.HUMAN:  # people are numbered
                self._read_once(scoring.scorer.label, Where.SCORER, "name of a scorer")

    def read_ratings(self, ratings: Table) -> None:
        column = {name: place for place, name in enumerate(COLUMNS)}
        for row in ratings.rows:
            place = f"{row[column['recording']]}, epoch {int(row[column['epoch']]) + 1}"
            self._read_once(str(row[column["study"]]), Where.RATING_STUDY, "title")
            if comment := str(row[column["comment"]]):
                self.read(comment, Where.COMMENT, place)

    def read(self, text: str, where: Where, place: str, score_id: int | None = None) -> None:
        self.texts += 1
        if known := self._passages.get(text):
            for passage in known:
                passage.places += 1
        elif hits := self._scanner.hits(text):
            self._passages[text] = [Passage(text, hit, where, place, score_id) for hit in hits]

    def _read_once(self, text: str, where: Where, place: str, score_id: int | None = None) -> None:
        """Read a text that repeats from row to row, the first time only."""
        if text and text not in self._short:
            self._short.add(text)
            self.read(text, where, place, score_id)
