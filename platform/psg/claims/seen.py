"""Whether it was seen, and when: the events that a claim can mean."""

from __future__ import annotations

from collections.abc import Sequence

from psg.claims.claim import Claim, Span
from psg.claims.detection import Detection
from psg.claims.epoch import MeasuredEpoch
from psg.claims.trust import ENOUGH, LEAST, Trust
from psg.claims.verdict import Finding, Outcome
from psg.claims.wording import at, first_upper, some
from psg.events import Event

NEAR_S, ABOUT_S = 1.0, 2.0
"""How far from a time that is told an event may lie."""
FILLED, HARDLY = 0.5, 0.2
"""Share of a stretch that a rhythm fills where it is there, and where it is not."""


def events_of(detection: Detection, epoch: MeasuredEpoch) -> tuple[Event, ...]:
    found = [event for kind in detection.kinds for event in epoch.measures.of(kind)]
    return tuple(sorted(found, key=lambda event: event.start_s))


def meant(events: Sequence[Event], spans: Sequence[Span]) -> tuple[Event, ...]:
    """The events at the times that are told; all where no time is."""
    if not spans:
        return tuple(events)
    return tuple(event for event in events if any(is_near(event, span) for span in spans))


def is_near(event: Event, span: Span) -> bool:
    slack_s = ABOUT_S if span.about else NEAR_S
    return event.start_s - slack_s <= span.end_s and event.end_s + slack_s >= span.start_s


def seen(claim: Claim, detection: Detection, trust: Trust, events: Sequence[Event]) -> Finding:
    """Whether what is said to be there is."""
    if detection.is_lasting and claim.spans and any(span.duration_s > 2 for span in claim.spans):
        return _lasting(claim, detection, trust, events)
    found = meant(events, claim.spans)
    missing = [span for span in claim.spans if not any(is_near(event, span) for event in events)]
    if found and not missing:
        return _found(claim, detection, trust, found)
    claimed = len(missing) or max(_claimed(claim), 1)
    return _not_found(claim, detection, trust, events, missing, claimed)


def absent(claim: Claim, detection: Detection, trust: Trust, events: Sequence[Event]) -> Finding:
    """Whether what is said not to be there is not."""
    found = meant(events, claim.spans)
    none = f"No {detection.noun} was found{_where(claim)}."
    if not found and (trust.recall is None or trust.recall < LEAST):
        return Finding(Outcome.CANNOT_TELL, f"{none} Many are missed, so that says little.")
    if not found:
        return Finding(Outcome.SUPPORTED, none)
    there = f"Found: {some(detection, found)}."
    if trust.is_there(len(found)) >= ENOUGH:
        return Finding(Outcome.CONTRADICTED, there)
    return Finding(Outcome.CANNOT_TELL, f"{there} That alone is not certain.")


def _found(claim: Claim, detection: Detection, trust: Trust, found: Sequence[Event]) -> Finding:
    """A find where somebody says one is needs no more; one anywhere in the epoch may be false."""
    there = f"Found: {some(detection, found)}."
    is_known = trust.precision is not None and not claim.spans
    if is_known and trust.is_there(len(found)) < LEAST:
        return Finding(Outcome.CANNOT_TELL, f"{there} Such finds are often wrong.")
    return Finding(Outcome.SUPPORTED, there)


def _not_found(
    claim: Claim,
    detection: Detection,
    trust: Trust,
    events: Sequence[Event],
    missing: Sequence[Span],
    claimed: int,
) -> Finding:
    none = f"No {detection.noun} was found{' ' + at(missing) if missing else _where(claim)}"
    others = meant(events, ())
    none += f"; there is {some(detection, others)}." if others and missing else "."
    if trust.is_not_there(claimed) >= ENOUGH:
        return Finding(Outcome.CONTRADICTED, none)
    return Finding(Outcome.CANNOT_TELL, f"{none} It may have been missed.")


def _lasting(claim: Claim, detection: Detection, trust: Trust, events: Sequence[Event]) -> Finding:
    """A rhythm over stretches of time: how much of them it fills."""
    wanted_s = sum(span.duration_s for span in claim.spans)
    filled_s = sum(
        max(min(event.end_s, span.end_s) - max(event.start_s, span.start_s), 0.0)
        for event in events
        for span in claim.spans
    )
    share = filled_s / wanted_s
    words = f"{first_upper(detection.noun)} fills {filled_s:.1f} of {wanted_s:.1f} s there."
    if share >= FILLED:
        return Finding(Outcome.SUPPORTED, words)
    if share < HARDLY and trust.is_not_there(1) >= ENOUGH:
        return Finding(Outcome.CONTRADICTED, words)
    return Finding(Outcome.CANNOT_TELL, words)


def _claimed(claim: Claim) -> int:
    """How many are said to be there, at least."""
    if claim.count and claim.count.low > 0:
        return int(claim.count.low)
    return 2 if claim.is_plural else 1


def _where(claim: Claim) -> str:
    return f" {at(claim.spans)}" if claim.spans else ""
