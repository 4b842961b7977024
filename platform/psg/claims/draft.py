"""A claim while its sentence is still being read."""

from __future__ import annotations

from dataclasses import dataclass, field

from psg.claims.claim import Claim, Range, Span
from psg.claims.tokens import Item, Sort
from psg.claims.vocabulary import ATONIA, TONE, is_rhythm
from psg.montage import Derivation

# A single wave lasts no longer than this, so a later second is a time and not a length.
LONGEST_WAVE_S = 5.0
_WITHOUT = {None: "low", "high": "low", "low": "high", "between": "between"}
_FIELDS = {
    Sort.COUNT: "count",
    Sort.FREQUENCY: "frequency_hz",
    Sort.AMPLITUDE: "amplitude_uv",
    Sort.SECONDS: "length_s",
    Sort.SHARE: "share",
}


@dataclass
class Draft:
    """A kind that a clause names, with the statements about it so far."""

    kind: str
    start: int
    end: int
    is_plural: bool = False
    absent: bool = False
    problem: str | None = None
    derivations: tuple[Derivation, ...] = ()
    spans: tuple[Span, ...] = ()
    level: str | None = None
    ranges: dict[str, Range] = field(default_factory=dict)
    _has_own_place: bool = False

    @property
    def is_empty(self) -> bool:
        """A chin without a level states nothing; any other kind states at least its presence."""
        return self.kind == TONE and not (self.level or self.ranges or self.absent)

    @property
    def is_measured_at_a_time(self) -> bool:
        """Whether it has a time and a size; a further time begins the next event of this kind."""
        return bool(self.spans) and bool({"frequency_hz", "amplitude_uv"} & set(self.ranges))

    def begins_another(self, item: Item) -> bool:
        """Whether an item is the time of the next event of this kind."""
        is_time = item.sort is Sort.TIME or (
            item.sort is Sort.BARE_SECONDS and item.value.low > LONGEST_WAVE_S
        )
        return is_time and not self.absent and self.is_measured_at_a_time

    def another(self) -> Draft:
        """The next event of this kind, in the same place."""
        return Draft(self.kind, self.end, self.end, derivations=self.derivations)

    def take(self, item: Item) -> bool:
        """Add a quantity; False where this kind has no such quantity, or has it already."""
        if not self._add(item):
            return False
        self.start, self.end = min(self.start, item.start), max(self.end, item.end)
        return True

    def _add(self, item: Item) -> bool:
        if item.sort is Sort.PLACE:
            return self.place(item, is_own=True)
        if item.sort is Sort.TIME:
            self.spans += item.value
            return True
        if item.sort is Sort.LEVEL:
            return self._give_level(item.value)
        if item.sort is Sort.BARE_SECONDS:
            return self._bare_seconds(item.value)
        name = _FIELDS[item.sort]
        is_filled = self.kind == TONE or is_rhythm(self.kind)
        if name in self.ranges or (name == "share" and not is_filled):
            return False
        self.ranges[name] = item.value
        return True

    def place(self, item: Item, *, is_own: bool = False) -> bool:
        """Add derivations; a place of its own replaces that of the whole clause."""
        if is_own and not self._has_own_place:
            self.derivations, self._has_own_place = (), True
        self.derivations += tuple(new for new in item.value if new not in self.derivations)
        if is_own:
            self.start, self.end = min(self.start, item.start), max(self.end, item.end)
        return True

    def _give_level(self, level: str) -> bool:
        if self.kind != TONE or self.level:
            return False
        self.level = level
        return True

    def _bare_seconds(self, seconds: Range) -> bool:
        """Seconds without a preposition: the length of a rhythm, or a possible time of a wave."""
        if is_rhythm(self.kind) and "length_s" not in self.ranges:
            self.ranges["length_s"] = seconds
            return True
        if not is_rhythm(self.kind) and seconds.low > LONGEST_WAVE_S:
            self.spans += (Span(seconds.low, seconds.high, seconds.about),)
            return True
        return False

    def claim(self, text: str) -> Claim:
        """As a claim. A chin without tone has low tone; an absent event has no number."""
        if self.kind == TONE and self.absent and self.level != "rise":
            self.absent, self.level = False, _WITHOUT[self.level]
        if self.absent:
            self.ranges.pop("count", None)
        words = text[self.start : self.end]
        if words.count("(") > words.count(")") and text[self.end : self.end + 1] == ")":
            self.end += 1
        return Claim(
            kind=self.kind,
            absent=self.absent,
            is_plural=self.is_plural,
            derivations=self.derivations,
            spans=self.spans,
            level=self.level,
            text=text[self.start : self.end],
            start=self.start,
            end=self.end,
            **self.ranges,
        )


def drafts_of(item: Item) -> list[Draft]:
    """A draft for each kind of an item: "rapid or slow eye movements" names two."""
    return [_draft(kind, item) for kind in item.value]


def _draft(kind: str, item: Item) -> Draft:
    if kind == ATONIA:
        return Draft(TONE, item.start, item.end, level="low")
    return Draft(kind, item.start, item.end, item.is_plural)
