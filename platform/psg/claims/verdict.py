"""The verdict on a claim: its outcome, the findings behind it, and their wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from psg.claims.claim import Claim, Range, Span
from psg.events import DetectedEvent, EventKind

ENOUGH = 0.85
"""Probability from which on a claim is contradicted."""
LEAST = 0.5
"""Below this neither a detection nor its absence decides anything."""
SD_TO_95 = 1.96
"""Half the width of a 95 % interval, in standard deviations."""


class ClaimOutcome(StrEnum):
    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    CANNOT_TELL = "cannot_tell"

    @property
    def opposite(self) -> ClaimOutcome:
        """The outcome for the negated claim."""
        return _OPPOSITE[self]


SUPPORTED, CONTRADICTED, CANNOT_TELL = (
    ClaimOutcome.SUPPORTED,
    ClaimOutcome.CONTRADICTED,
    ClaimOutcome.CANNOT_TELL,
)

_OPPOSITE = {
    ClaimOutcome.SUPPORTED: ClaimOutcome.CONTRADICTED,
    ClaimOutcome.CONTRADICTED: ClaimOutcome.SUPPORTED,
    ClaimOutcome.CANNOT_TELL: ClaimOutcome.CANNOT_TELL,
}


@dataclass(frozen=True)
class MeasuredValue:
    """A value with half the width of its 95 % interval, both in ``unit``."""

    name: str
    value: float
    uncertainty: float
    unit: str


@dataclass(frozen=True)
class AspectFinding:
    """The outcome for an aspect of a claim, such as its time, number or size.

    ``fact`` is what was measured, in a sentence; ``why`` is another, the reason why that decides
    nothing. It is shown only where it does not.
    """

    outcome: ClaimOutcome
    fact: str
    measured: MeasuredValue | None = None
    why: str = ""


@dataclass(frozen=True)
class ClaimVerdict:
    """Outcome over all aspects of a claim, with the reasons that decided.

    ``events`` are those that were compared, so that they can be shown.
    """

    claim: Claim
    outcome: ClaimOutcome
    reason: str
    measured: tuple[MeasuredValue, ...] = ()
    events: tuple[DetectedEvent, ...] = ()


def verdict_of(
    claim: Claim, findings: list[AspectFinding], events: tuple[DetectedEvent, ...]
) -> ClaimVerdict:
    """A contradicted aspect contradicts the claim; an undecided aspect leaves it open."""
    outcomes = {finding.outcome for finding in findings}
    ranked = (ClaimOutcome.CONTRADICTED, ClaimOutcome.CANNOT_TELL, ClaimOutcome.SUPPORTED)
    outcome = next((rank for rank in ranked if rank in outcomes), ClaimOutcome.CANNOT_TELL)
    deciding = [finding for finding in findings if finding.outcome is outcome]
    reasons = [finding.fact for finding in deciding]
    if outcome is ClaimOutcome.CANNOT_TELL:
        reasons += [finding.why for finding in deciding if finding.why]
    measured = tuple(finding.measured for finding in findings if finding.measured)
    reason = " ".join(dict.fromkeys(reasons))  # the same reason is given once
    return ClaimVerdict(claim, outcome, reason, measured, events)


ROUNDED, ABOUT = 0.1, 0.25
"""How far a number in a text, plain or with "about", may lie from the measured value."""


def compare(value: float, uncertainty: float, wanted: Range, *, least_slack: float) -> ClaimOutcome:
    """Compare a measured value with the values that a text allows.

    Supported inside; contradicted where the whole interval of the measure lies outside.

    Parameters
    ----------
    value, uncertainty
        Measured value and half the width of its interval.
    wanted
        Values of the text, widened here by the rounding of its author.
    least_slack
        Rounding in the unit of the value that is always allowed.
    """
    allowed = _widened(wanted, least_slack)
    if value in allowed:
        return ClaimOutcome.SUPPORTED
    touches = value + uncertainty >= allowed.low and value - uncertainty <= allowed.high
    return ClaimOutcome.CANNOT_TELL if touches else ClaimOutcome.CONTRADICTED


def is_clear(value: float, uncertainty: float, wanted: Range, *, least_slack: float) -> bool:
    """Whether the whole interval of a measure lies inside the values of a text, or outside."""
    allowed = _widened(wanted, least_slack)
    low, high = value - uncertainty, value + uncertainty
    inside = low >= allowed.low and high <= allowed.high
    return inside or high < allowed.low or low > allowed.high


def _widened(wanted: Range, least_slack: float) -> Range:
    if wanted.is_open:  # a bound is rarely rounded
        return Range(wanted.low - least_slack / 2, wanted.high + least_slack / 2)
    share = ABOUT if wanted.about else ROUNDED
    return Range(
        wanted.low - max(share * wanted.low, least_slack),
        wanted.high + max(share * wanted.high, least_slack),
    )


_MOST_LISTED = 4


def counted(noun: str, count: int) -> str:
    """Return the count with its noun, ``3 spindles``; 1 is written as a word."""
    return f"one {noun}" if count == 1 else f"{count} {plural(noun)}"


def plural(noun: str) -> str:
    head, of, rest = noun.partition(" of ")
    return f"{head}{'es' if head.endswith('x') else 's'}{of}{rest}"


def events_text(kind: EventKind, events: Sequence[DetectedEvent]) -> str:
    """Number and times: ``2 spindles at 3.1-3.9 and 12.0-12.8 s``; rhythms are not counted."""
    name = kind.noun if kind.is_lasting else counted(kind.noun, len(events))
    return f"{name} at {times_text(events)}"


def times_text(events: Sequence[DetectedEvent]) -> str:
    spans = [f"{event.start_s:.1f}-{event.end_s:.1f}" for event in events[:_MOST_LISTED]]
    rest = len(events) - len(spans)
    if rest:
        return f"{', '.join(spans)} s and {rest} more"
    return f"{', '.join(spans[:-1])} and {spans[-1]} s" if len(spans) > 1 else f"{spans[0]} s"


def spans_text(spans: Sequence[Span]) -> str:
    """The times of a claim: ``at 12.3 s``, ``at 0-10 and 14-23 s``."""
    texts = [
        f"{span.start_s:g}" if span.start_s == span.end_s else f"{span.start_s:g}-{span.end_s:g}"
        for span in spans
    ]
    return f"at {' and '.join(texts)} s"


def range_text(wanted: Range, unit: str, factor: float = 1.0) -> str:
    """The values of a claim: ``13 Hz``, ``12-14 Hz``, ``at least 75 µV``, ``about 50 %``."""
    low, high = wanted.low * factor, wanted.high * factor
    if wanted.high == inf:
        return f"at least {low:g} {unit}".rstrip()
    if wanted.low == -inf:
        return f"at most {high:g} {unit}".rstrip()
    value = f"{low:g}" if low == high else f"{low:g}-{high:g}"
    return f"{'about ' if wanted.about else ''}{value} {unit}".rstrip()


def first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]


# Why a measurement decides nothing, in a short sentence each.

MISSED = "It may have been missed."
OFTEN_MISSED = "Too many are missed for that to count."
OFTEN_WRONG = "Such detections are often wrong."
ALONE = "So few detections may be wrong."
WITHIN_ERROR = "The difference is within the error of the measurement."
NOT_EXACT = "The measurement is not exact enough to tell."
ERROR_UNKNOWN = "The error of this measurement is not known."
MISCOUNTED = "Some may be missed or wrong."
BETWEEN = "That is too much for absent and too little for present."
PARTLY_SEEN = "That is neither clearly visible nor clearly absent."


def not_proven(kind: EventKind) -> str:
    """The reason where too few marks say how right a detector is."""
    noun = kind.noun if kind.is_lasting else plural(kind.noun)
    return f"The detection of {noun} is not proven on real recordings."
