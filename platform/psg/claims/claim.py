"""Statements of a rationale about the signal, in the units in which they can be measured."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from psg.montage import Derivation


@dataclass(frozen=True)
class Range:
    """Values that a statement allows; open ends are infinite. ``about``: it says "about"."""

    low: float = -inf
    high: float = inf
    about: bool = False

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    @property
    def is_open(self) -> bool:
        return self.low == -inf or self.high == inf

    def negated(self) -> Range:
        """The values that "does not reach" leaves: below a bound, or above a highest value."""
        if self.low == -inf:
            return Range(low=self.high)
        return Range(high=self.low, about=self.about)


@dataclass(frozen=True)
class Span:
    """A stretch of the epoch in seconds; a point in time has the same start and end."""

    start_s: float
    end_s: float
    about: bool = False

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True)
class Claim:
    """A statement that can be checked.

    Attributes
    ----------
    kind
        Id of a kind of event (``psg.events.registry``; for ``"chin_tone"`` the statement may be
        of its level), or ``"lamf"``, low-amplitude mixed-frequency activity.
    absent
        True where the statement is that there is none.
    is_plural
        True where the statement is in the plural.
    derivations
        Derivations of the statement; empty where it names no place.
    spans
        Times of the statement; empty for "somewhere in the epoch".
    length_s
        Duration of a single event, or seconds filled by a rhythm.
    share
        Part of the epoch that it fills, 0 to 1.
    level
        Of the chin: ``"low"`` or ``"high"``.
    start, end
        Place in the text, in characters; ``text`` is the text there.
    """

    kind: str
    absent: bool = False
    is_plural: bool = False
    derivations: tuple[Derivation, ...] = ()
    spans: tuple[Span, ...] = ()
    count: Range | None = None
    frequency_hz: Range | None = None
    amplitude_uv: Range | None = None
    length_s: Range | None = None
    share: Range | None = None
    level: str | None = None
    text: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Unread:
    """Words that were not checked, and why."""

    text: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class ReadText:
    """The claims of a text, and its parts that were not understood."""

    claims: tuple[Claim, ...]
    unread: tuple[Unread, ...]
