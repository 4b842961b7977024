"""The aspects of a claim that are checked singly: presence, seconds filled, values, number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf

import numpy as np

from psg.claims.claim import Claim, Range, Span
from psg.claims.measured import MeasuredEpoch
from psg.claims.verdict import (
    ALONE,
    BETWEEN,
    CANNOT_TELL,
    CONTRADICTED,
    ENOUGH,
    ERROR_UNKNOWN,
    LEAST,
    MISCOUNTED,
    MISSED,
    OFTEN_MISSED,
    OFTEN_WRONG,
    SD_TO_95,
    SUPPORTED,
    WITHIN_ERROR,
    AspectFinding,
    MeasuredValue,
    compare,
    counted,
    events_text,
    first_upper,
    is_clear,
    not_proven,
    plural,
    range_text,
    spans_text,
)
from psg.events import DetectedEvent, EventKind, Trust
from psg.events.measures import seconds_text
from psg.stages import EPOCH_S

# Presence: whether events of the kind are there, and at the times of the claim.

NEAR_S, ABOUT_S = 1.0, 2.0
"""How far an event may lie from a time of the claim, without and with "about"."""
FILLED, HARDLY = 0.5, 0.2
"""Share of a stretch that a rhythm fills where it is present, and where it is absent."""


def events_of(kind: EventKind, epoch: MeasuredEpoch) -> tuple[DetectedEvent, ...]:
    """The events of an epoch that count as this kind, in order of time."""
    events = [event for event_id in kind.event_ids for event in epoch.measures.of(event_id)]
    return tuple(sorted(events, key=lambda event: event.start_s))


def meant(events: Sequence[DetectedEvent], spans: Sequence[Span]) -> tuple[DetectedEvent, ...]:
    """The events at the times of a claim; all events where it has no times."""
    if not spans:
        return tuple(events)
    return tuple(event for event in events if any(is_near(event, span) for span in spans))


def is_near(event: DetectedEvent, span: Span) -> bool:
    slack_s = ABOUT_S if span.about else NEAR_S
    return event.start_s - slack_s <= span.end_s and event.end_s + slack_s >= span.start_s


def presence(claim: Claim, kind: EventKind, events: Sequence[DetectedEvent]) -> AspectFinding:
    """Check a claim that events are present."""
    if kind.is_lasting and claim.spans and any(span.duration_s > 2 for span in claim.spans):
        return _stretches_filled(claim, kind, events)
    near = meant(events, claim.spans)
    missing = [span for span in claim.spans if not any(is_near(event, span) for event in events)]
    if near and not missing:
        return _detected(claim, kind, near)
    claimed = len(missing) or max(_least_number(claim), 1)
    return _not_detected(claim, kind, events, missing, claimed)


def absence(claim: Claim, kind: EventKind, events: Sequence[DetectedEvent]) -> AspectFinding:
    """Check a claim that there are no events."""
    near = meant(events, claim.spans)
    none = f"No {kind.noun} was detected{_at_spans(claim)}."
    recall = kind.trust.recall
    if not near and (recall is None or recall < LEAST):
        why = not_proven(kind) if recall is None else OFTEN_MISSED
        return AspectFinding(CANNOT_TELL, none, why=why)
    if not near:
        return AspectFinding(SUPPORTED, none)
    some = f"Detected: {events_text(kind, near)}."
    if kind.trust.is_there(len(near)) >= ENOUGH:
        return AspectFinding(CONTRADICTED, some)
    why = not_proven(kind) if kind.trust.precision is None else ALONE
    return AspectFinding(CANNOT_TELL, some, why=why)


def _detected(claim: Claim, kind: EventKind, events: Sequence[DetectedEvent]) -> AspectFinding:
    """A detection at a time of the claim is enough; elsewhere in the epoch it may be false."""
    some = f"Detected: {events_text(kind, events)}."
    is_known = kind.trust.precision is not None and not claim.spans
    if is_known and kind.trust.is_there(len(events)) < LEAST:
        return AspectFinding(CANNOT_TELL, some, why=OFTEN_WRONG)
    return AspectFinding(SUPPORTED, some)


def _not_detected(
    claim: Claim,
    kind: EventKind,
    events: Sequence[DetectedEvent],
    missing: Sequence[Span],
    claimed: int,
) -> AspectFinding:
    none = (
        f"No {kind.noun} was detected{' ' + spans_text(missing) if missing else _at_spans(claim)}"
    )
    none += f"; there is {events_text(kind, events)}." if events and missing else "."
    if kind.trust.is_not_there(claimed) >= ENOUGH:
        return AspectFinding(CONTRADICTED, none)
    why = not_proven(kind) if kind.trust.recall is None else MISSED
    return AspectFinding(CANNOT_TELL, none, why=why)


def _stretches_filled(
    claim: Claim, kind: EventKind, events: Sequence[DetectedEvent]
) -> AspectFinding:
    """Compare how much of the stretches of a claim a rhythm fills."""
    wanted_s = sum(span.duration_s for span in claim.spans)
    filled_s = sum(
        max(min(event.end_s, span.end_s) - max(event.start_s, span.start_s), 0.0)
        for event in events
        for span in claim.spans
    )
    share = filled_s / wanted_s
    words = f"{first_upper(kind.noun)} fills {seconds_text(filled_s)} of {wanted_s:.1f} s there."
    if share >= FILLED:
        return AspectFinding(SUPPORTED, words)
    if share < HARDLY and kind.trust.is_not_there(1) >= ENOUGH:
        return AspectFinding(CONTRADICTED, words)
    why = not_proven(kind) if kind.trust.recall is None else BETWEEN
    return AspectFinding(CANNOT_TELL, words, why=why)


def _least_number(claim: Claim) -> int:
    """The least number of events that a claim states."""
    if claim.count and claim.count.low > 0:
        return int(claim.count.low)
    return 2 if claim.is_plural else 1


def _at_spans(claim: Claim) -> str:
    return f" {spans_text(claim.spans)}" if claim.spans else ""


# Seconds filled: how much of the epoch a rhythm fills, in seconds or as a share.

FILLED_SLACK_S = 1.0


def seconds_filled(claim: Claim, kind: EventKind, epoch: MeasuredEpoch) -> list[AspectFinding]:
    """Findings for the seconds and for the share of a claim."""
    its_s = filled_s(kind, epoch)
    wanted = [
        (claim.length_s, claim.length_s and range_text(claim.length_s, "s")),
        (_seconds_of(claim.share), claim.share and range_text(claim.share, "%", 100)),
    ]
    return [
        _compare_seconds(its_s, seconds, words or "", kind)
        for seconds, words in wanted
        if seconds is not None
    ]


def is_filled_clearly(claim: Claim, kind: EventKind, epoch: MeasuredEpoch) -> bool:
    """Whether the seconds filled, with their error, lie wholly inside or outside a claim."""
    uncertainty_s = SD_TO_95 * (kind.trust.time_error_s or 0.0)
    return all(
        is_clear(filled_s(kind, epoch), uncertainty_s, wanted, least_slack=FILLED_SLACK_S)
        for wanted in (claim.length_s, _seconds_of(claim.share))
        if wanted is not None
    )


def filled_s(kind: EventKind, epoch: MeasuredEpoch) -> float:
    return sum(epoch.measures.seconds(event_id) for event_id in kind.event_ids)


def is_upper_bound(claim: Claim) -> bool:
    """ "Less than a fifth" holds where there is none at all."""
    return any(
        bound is not None and bound.low < 0  # Range(-inf, high)
        for bound in (claim.share, claim.length_s)
    )


def _seconds_of(share: Range | None) -> Range | None:
    return share and Range(share.low * EPOCH_S, share.high * EPOCH_S, share.about)


def _compare_seconds(filled_s: float, wanted: Range, words: str, kind: EventKind) -> AspectFinding:
    error_s = kind.trust.time_error_s
    uncertainty_s = EPOCH_S if error_s is None else SD_TO_95 * error_s
    noun = kind.noun if kind.is_lasting else plural(kind.noun)
    reason = (
        f"{first_upper(noun)} fill{'s' if kind.is_lasting else ''} {seconds_text(filled_s)}"
        f" ({100 * filled_s / EPOCH_S:.0f} % of the epoch), the text states {words}."
    )
    outcome = compare(filled_s, uncertainty_s, wanted, least_slack=FILLED_SLACK_S)
    if error_s is None:
        outcome = CANNOT_TELL if outcome is CONTRADICTED else outcome
        return AspectFinding(outcome, reason, why=not_proven(kind))
    measured = MeasuredValue("filled", round(filled_s, 1), round(uncertainty_s, 1), "s")
    return AspectFinding(outcome, reason, measured, why=WITHIN_ERROR)


# Values: frequency, size, duration and number of the events that a claim means.


@dataclass(frozen=True)
class _Value:
    """A measure of single events, and its standard error."""

    name: str
    unit: str
    least_slack: float
    wanted: Callable[[Claim], Range | None]
    of: Callable[[DetectedEvent], float | None]
    error: Callable[[Trust, float], float | None]


VALUES = (
    _Value(
        "frequency",
        "Hz",
        0.5,
        lambda claim: claim.frequency_hz,
        lambda event: event.frequency_hz,
        lambda trust, value: trust.frequency_error_hz,
    ),
    _Value(
        "peak to peak",
        "µV",
        5.0,
        lambda claim: claim.amplitude_uv,
        lambda event: event.peak_to_peak_uv,
        lambda trust, value: None if trust.size_error is None else trust.size_error * value,
    ),
)
_DURATION = _Value(
    "duration",
    "s",
    0.2,
    lambda claim: claim.length_s,
    lambda event: event.duration_s,
    lambda trust, value: trust.time_error_s,
)


def values(
    claim: Claim, kind: EventKind, events: Sequence[DetectedEvent]
) -> Iterator[AspectFinding]:
    """A finding for each value that a claim states; durations only of single waves."""
    for value in (*VALUES, *(() if kind.is_rhythm else (_DURATION,))):
        wanted = value.wanted(claim)
        if wanted is not None:
            yield _compare_value(value, wanted, kind.trust, events)


def with_values(
    claim: Claim, kind: EventKind, events: Sequence[DetectedEvent]
) -> tuple[list[DetectedEvent], list[DetectedEvent]]:
    """Events with the values of a claim: those that surely have them, and those that may."""
    surely, perhaps = [], []
    for event in events:
        outcomes = {
            _compare_value(value, wanted, kind.trust, [event]).outcome
            for value in VALUES
            if (wanted := value.wanted(claim)) is not None
        }
        if outcomes <= {SUPPORTED}:
            surely.append(event)
        if CONTRADICTED not in outcomes:
            perhaps.append(event)
    return surely, perhaps


def number(claim: Claim, kind: EventKind, detections: int) -> AspectFinding | None:
    """Compare the number of events; None where a claim states none, or each with its time.

    Missed and false detections make the number uncertain.
    """
    if claim.count is None or claim.spans:
        return None
    there = first_upper(counted(kind.noun, detections))
    words = f"{there} detected, the text states {range_text(claim.count, '')}."
    if detections in claim.count:
        return AspectFinding(SUPPORTED, words)
    precision, recall = kind.trust.precision, kind.trust.recall
    if precision is None or recall is None:
        return AspectFinding(CANNOT_TELL, words, why=not_proven(kind))
    fewest = floor(detections * precision) - 1
    most = ceil(detections / max(recall, 0.1)) + 1
    is_possible = fewest <= claim.count.high and most >= claim.count.low
    return AspectFinding(CANNOT_TELL if is_possible else CONTRADICTED, words, why=MISCOUNTED)


def _compare_value(
    value: _Value, wanted: Range, trust: Trust, events: Sequence[DetectedEvent]
) -> AspectFinding:
    known = [size for event in events if (size := value.of(event)) is not None]
    if not known:
        return AspectFinding(CANNOT_TELL, f"Its {value.name} is not measured.")
    # "Above 75 uV" is met by the largest; a value or a range is compared with the median.
    middle = max(known) if wanted.is_open else float(np.median(known))
    error = value.error(trust, middle)
    uncertainty = inf if error is None else SD_TO_95 * error
    shown = MeasuredValue(value.name, round(middle, 1), round(min(uncertainty, 1e3), 1), value.unit)
    stated = range_text(wanted, value.unit)
    words = f"Measured {middle:.1f} {value.unit} {value.name}, the text states {stated}."
    outcome = compare(middle, uncertainty, wanted, least_slack=value.least_slack)
    if error is None:
        return AspectFinding(outcome, words, why=ERROR_UNKNOWN)
    return AspectFinding(outcome, words, shown, why=WITHIN_ERROR)
