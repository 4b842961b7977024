"""The verdict on a claim: its outcome, the findings behind it, and their wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from psg.claims.claim import Claim, Range, Span
from psg.claims.detection import Detection
from psg.events import DetectedEvent


class ClaimOutcome(StrEnum):
    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True)
class MeasuredValue:
    """A value with half the width of its 95 % interval, both in ``unit``."""

    name: str
    value: float
    uncertainty: float
    unit: str


@dataclass(frozen=True)
class AspectFinding:
    """What one aspect of a claim (when, how many, how large) came to."""

    outcome: ClaimOutcome
    reason: str
    measured: MeasuredValue | None = None


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
    """One contradicted aspect contradicts the claim; one that cannot be told leaves it open."""
    outcomes = {finding.outcome for finding in findings}
    ranked = (ClaimOutcome.CONTRADICTED, ClaimOutcome.CANNOT_TELL, ClaimOutcome.SUPPORTED)
    outcome = next((one for one in ranked if one in outcomes), ClaimOutcome.CANNOT_TELL)
    reasons = [finding.reason for finding in findings if finding.outcome is outcome]
    measured = tuple(finding.measured for finding in findings if finding.measured)
    return ClaimVerdict(claim, outcome, " ".join(reasons), measured, events)


ROUNDED, ABOUT = 0.1, 0.25
"""How far a number written down, or one with "about", may be from what was seen."""


def compare(value: float, uncertainty: float, wanted: Range, *, least_slack: float) -> ClaimOutcome:
    """Supported inside, contradicted where the interval of the measure lies outside as a whole.

    Parameters
    ----------
    value, uncertainty
        Measured value and half the width of its interval.
    wanted
        What the text says, widened by the rounding of whoever wrote it.
    least_slack
        Rounding in the unit of the value that is always allowed.
    """
    allowed = _widened(wanted, least_slack)
    if value in allowed:
        return ClaimOutcome.SUPPORTED
    touches = value + uncertainty >= allowed.low and value - uncertainty <= allowed.high
    return ClaimOutcome.CANNOT_TELL if touches else ClaimOutcome.CONTRADICTED


def _widened(wanted: Range, least_slack: float) -> Range:
    if wanted.is_open:  # a bound is a bound
        return Range(wanted.low - least_slack / 2, wanted.high + least_slack / 2)
    share = ABOUT if wanted.about else ROUNDED
    return Range(
        wanted.low - max(share * wanted.low, least_slack),
        wanted.high + max(share * wanted.high, least_slack),
    )


_MOST_NAMED = 4


def counted(noun: str, count: int) -> str:
    """``one spindle``, ``3 spindles``; rhythms are not counted."""
    return f"one {noun}" if count == 1 else f"{count} {plural(noun)}"


def plural(noun: str) -> str:
    head, of, rest = noun.partition(" of ")
    return f"{head}{'es' if head.endswith('x') else 's'}{of}{rest}"


def some(detection: Detection, events: Sequence[DetectedEvent]) -> str:
    """What was found and when: ``2 spindles at 3.1-3.9 and 12.0-12.8 s``."""
    name = detection.noun if detection.is_lasting else counted(detection.noun, len(events))
    return f"{name} at {when(events)}"


def when(events: Sequence[DetectedEvent]) -> str:
    spans = [f"{event.start_s:.1f}-{event.end_s:.1f}" for event in events[:_MOST_NAMED]]
    rest = len(events) - len(spans)
    if rest:
        return f"{', '.join(spans)} s and {rest} more"
    return f"{', '.join(spans[:-1])} and {spans[-1]} s" if len(spans) > 1 else f"{spans[0]} s"


def at(spans: Sequence[Span]) -> str:
    """When the text says: ``at 12.3 s``, ``at 0-10 and 14-23 s``."""
    told = [
        f"{span.start_s:g}" if span.start_s == span.end_s else f"{span.start_s:g}-{span.end_s:g}"
        for span in spans
    ]
    return f"at {' and '.join(told)} s"


def said(wanted: Range, unit: str, factor: float = 1.0) -> str:
    """What the text asks for: ``13 Hz``, ``12-14 Hz``, ``above 75 µV``, ``about 50 %``."""
    low, high = wanted.low * factor, wanted.high * factor
    if wanted.high == inf:
        return f"at least {low:g} {unit}".rstrip()
    if wanted.low == -inf:
        return f"at most {high:g} {unit}".rstrip()
    value = f"{low:g}" if low == high else f"{low:g}-{high:g}"
    return f"{'about ' if wanted.about else ''}{value} {unit}".rstrip()


def first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
