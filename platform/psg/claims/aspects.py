"""The aspects of a claim that are checked singly: presence, seconds filled, values, derivations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf

import numpy as np

from psg.claims.claim import Claim, Range, Span
from psg.claims.detection import Detection
from psg.claims.measured import MeasuredEpoch
from psg.claims.trust import ENOUGH, LEAST, Trust
from psg.claims.verdict import (
    AspectFinding,
    ClaimOutcome,
    MeasuredValue,
    at,
    compare,
    counted,
    first_upper,
    plural,
    said,
    some,
)
from psg.events import DetectedEvent
from psg.montage import Derivation
from psg.stages import EPOCH_S

NEAR_S, ABOUT_S = 1.0, 2.0
"""How far from a time that is told an event may lie."""
FILLED, HARDLY = 0.5, 0.2
"""Share of a stretch that a rhythm fills where it is there, and where it is not."""


def events_of(detection: Detection, epoch: MeasuredEpoch) -> tuple[DetectedEvent, ...]:
    found = [event for kind in detection.kinds for event in epoch.measures.of(kind)]
    return tuple(sorted(found, key=lambda event: event.start_s))


def meant(events: Sequence[DetectedEvent], spans: Sequence[Span]) -> tuple[DetectedEvent, ...]:
    """The events at the times that are told; all where no time is."""
    if not spans:
        return tuple(events)
    return tuple(event for event in events if any(is_near(event, span) for span in spans))


def is_near(event: DetectedEvent, span: Span) -> bool:
    slack_s = ABOUT_S if span.about else NEAR_S
    return event.start_s - slack_s <= span.end_s and event.end_s + slack_s >= span.start_s


def seen(
    claim: Claim, detection: Detection, trust: Trust, events: Sequence[DetectedEvent]
) -> AspectFinding:
    """Whether what is said to be there is."""
    if detection.is_lasting and claim.spans and any(span.duration_s > 2 for span in claim.spans):
        return _lasting(claim, detection, trust, events)
    found = meant(events, claim.spans)
    missing = [span for span in claim.spans if not any(is_near(event, span) for event in events)]
    if found and not missing:
        return _found(claim, detection, trust, found)
    claimed = len(missing) or max(_claimed(claim), 1)
    return _not_found(claim, detection, trust, events, missing, claimed)


def absent(
    claim: Claim, detection: Detection, trust: Trust, events: Sequence[DetectedEvent]
) -> AspectFinding:
    """Whether what is said not to be there is not."""
    found = meant(events, claim.spans)
    none = f"No {detection.noun} was found{_where(claim)}."
    if not found and (trust.recall is None or trust.recall < LEAST):
        return AspectFinding(
            ClaimOutcome.CANNOT_TELL, f"{none} Many are missed, so that says little."
        )
    if not found:
        return AspectFinding(ClaimOutcome.SUPPORTED, none)
    there = f"Found: {some(detection, found)}."
    if trust.is_there(len(found)) >= ENOUGH:
        return AspectFinding(ClaimOutcome.CONTRADICTED, there)
    return AspectFinding(ClaimOutcome.CANNOT_TELL, f"{there} That alone is not certain.")


def _found(
    claim: Claim, detection: Detection, trust: Trust, found: Sequence[DetectedEvent]
) -> AspectFinding:
    """A find where somebody says one is needs no more; one anywhere in the epoch may be false."""
    there = f"Found: {some(detection, found)}."
    is_known = trust.precision is not None and not claim.spans
    if is_known and trust.is_there(len(found)) < LEAST:
        return AspectFinding(ClaimOutcome.CANNOT_TELL, f"{there} Such finds are often wrong.")
    return AspectFinding(ClaimOutcome.SUPPORTED, there)


def _not_found(
    claim: Claim,
    detection: Detection,
    trust: Trust,
    events: Sequence[DetectedEvent],
    missing: Sequence[Span],
    claimed: int,
) -> AspectFinding:
    none = f"No {detection.noun} was found{' ' + at(missing) if missing else _where(claim)}"
    others = meant(events, ())
    none += f"; there is {some(detection, others)}." if others and missing else "."
    if trust.is_not_there(claimed) >= ENOUGH:
        return AspectFinding(ClaimOutcome.CONTRADICTED, none)
    return AspectFinding(ClaimOutcome.CANNOT_TELL, f"{none} It may have been missed.")


def _lasting(
    claim: Claim, detection: Detection, trust: Trust, events: Sequence[DetectedEvent]
) -> AspectFinding:
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
        return AspectFinding(ClaimOutcome.SUPPORTED, words)
    if share < HARDLY and trust.is_not_there(1) >= ENOUGH:
        return AspectFinding(ClaimOutcome.CONTRADICTED, words)
    return AspectFinding(ClaimOutcome.CANNOT_TELL, words)


def _claimed(claim: Claim) -> int:
    """How many are said to be there, at least."""
    if claim.count and claim.count.low > 0:
        return int(claim.count.low)
    return 2 if claim.is_plural else 1


def _where(claim: Claim) -> str:
    return f" {at(claim.spans)}" if claim.spans else ""


_SLACK_S = 1.0
_SD_TO_95 = 1.96


def filled(
    claim: Claim, detection: Detection, trust: Trust, epoch: MeasuredEpoch
) -> list[AspectFinding]:
    """Findings for the seconds and for the share that a claim tells."""
    found_s = sum(epoch.measures.seconds(kind) for kind in detection.kinds)
    wanted = [
        (claim.length_s, claim.length_s and said(claim.length_s, "s")),
        (_seconds_of(claim.share), claim.share and said(claim.share, "%", 100)),
    ]
    return [
        _against(found_s, seconds, words or "", detection, trust)
        for seconds, words in wanted
        if seconds is not None
    ]


def _seconds_of(share: Range | None) -> Range | None:
    return share and Range(share.low * EPOCH_S, share.high * EPOCH_S, share.about)


def _against(
    found_s: float, wanted: Range, words: str, detection: Detection, trust: Trust
) -> AspectFinding:
    is_known = trust.time_error_s is not None
    uncertainty_s = _SD_TO_95 * trust.time_error_s if trust.time_error_s is not None else EPOCH_S
    noun = detection.noun if detection.is_lasting else plural(detection.noun)
    reason = (
        f"{first_upper(noun)} fill{'s' if detection.is_lasting else ''} {found_s:.1f} s"
        f" ({100 * found_s / EPOCH_S:.0f} % of the epoch), the text says {words}."
    )
    measured = MeasuredValue("filled", round(found_s, 1), round(uncertainty_s, 1), "s")
    outcome = compare(found_s, uncertainty_s, wanted, least_slack=_SLACK_S)
    if outcome is ClaimOutcome.CONTRADICTED and not is_known:
        outcome = ClaimOutcome.CANNOT_TELL
    return AspectFinding(outcome, reason, measured if is_known else None)


@dataclass(frozen=True)
class _Value:
    """A measure of single events, and how its error is known."""

    name: str
    unit: str
    least_slack: float
    wanted: Callable[[Claim], Range | None]
    of: Callable[[DetectedEvent], float | None]
    error: Callable[[Trust, float], float | None]


_VALUES = (
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


def sizes(
    claim: Claim, trust: Trust, events: Sequence[DetectedEvent], *, is_wave: bool
) -> Iterator[AspectFinding]:
    """One finding for each value that the claim tells; durations only of single waves."""
    for value in (*_VALUES, *((_DURATION,) if is_wave else ())):
        wanted = value.wanted(claim)
        if wanted is not None:
            yield _value(value, wanted, trust, events)


def fitting(
    claim: Claim, trust: Trust, events: Sequence[DetectedEvent]
) -> tuple[list[DetectedEvent], list[DetectedEvent]]:
    """Events with the values a claim names: those that have them, and those that may."""
    surely, perhaps = [], []
    for event in events:
        outcomes = {
            _value(value, wanted, trust, [event]).outcome
            for value in _VALUES
            if (wanted := value.wanted(claim)) is not None
        }
        if outcomes <= {ClaimOutcome.SUPPORTED}:
            surely.append(event)
        if ClaimOutcome.CONTRADICTED not in outcomes:
            perhaps.append(event)
    return surely, perhaps


def number(claim: Claim, detection: Detection, trust: Trust, found: int) -> AspectFinding | None:
    """How many; what detectors miss and invent makes the count uncertain. None where not told."""
    if claim.count is None or claim.spans:
        return None  # with times told, each of them was looked at
    there = first_upper(counted(detection.noun, found))
    words = f"{there} found, the text says {said(claim.count, '')}."
    if found in claim.count:
        return AspectFinding(ClaimOutcome.SUPPORTED, words)
    if trust.precision is None or trust.recall is None:
        return AspectFinding(ClaimOutcome.CANNOT_TELL, words)
    fewest = floor(found * trust.precision) - 1
    most = ceil(found / max(trust.recall, 0.1)) + 1
    is_possible = fewest <= claim.count.high and most >= claim.count.low
    return AspectFinding(
        ClaimOutcome.CANNOT_TELL if is_possible else ClaimOutcome.CONTRADICTED, words
    )


def _value(
    value: _Value, wanted: Range, trust: Trust, events: Sequence[DetectedEvent]
) -> AspectFinding:
    found = [size for event in events if (size := value.of(event)) is not None]
    if not found:
        return AspectFinding(ClaimOutcome.CANNOT_TELL, f"Its {value.name} is not measured.")
    # "Above 75 uV" is met by the largest; a value or a range is meant of the middle.
    middle = max(found) if wanted.is_open else float(np.median(found))
    error = value.error(trust, middle)
    uncertainty = inf if error is None else _SD_TO_95 * error
    shown = MeasuredValue(value.name, round(middle, 1), round(min(uncertainty, 1e3), 1), value.unit)
    told = said(wanted, value.unit)
    words = f"Measured {middle:.1f} {value.unit} {value.name}, the text says {told}."
    outcome = compare(middle, uncertainty, wanted, least_slack=value.least_slack)
    return AspectFinding(outcome, words, None if error is None else shown)


CLEARLY, FAINTLY = 0.4, 0.2
"""Size in the named derivation, as a share of that where it was found: it shows, it does not."""
_EYES = frozenset({Derivation.E1, Derivation.E2})


def elsewhere(claim: Claim, detection: Detection) -> list[Derivation]:
    """Derivations that are named and in which this kind is not looked for."""
    searched = {detection.needs[0], *(_EYES if _EYES & set(detection.needs) else ())}
    return [derivation for derivation in claim.derivations if derivation not in searched]


def shows(
    derivation: Derivation,
    detection: Detection,
    epoch: MeasuredEpoch,
    events: Sequence[DetectedEvent],
) -> AspectFinding:
    """How large the events are there, beside where they were found."""
    home = detection.needs[0]
    shares = [
        epoch.size_uv(event, derivation, detection.band_hz)
        / max(epoch.size_uv(event, home, detection.band_hz), 1e-6)
        for event in events
    ]
    share = float(np.nanmedian(shares)) if np.isfinite(shares).any() else float("nan")
    if np.isnan(share):
        return AspectFinding(ClaimOutcome.CANNOT_TELL, f"{derivation} was not measured.")
    measured = MeasuredValue(f"size in {derivation} beside {home}", round(100 * share), 20, "%")
    words = f"In {derivation} it has {100 * share:.0f} % of its size in {home}."
    if share >= CLEARLY:
        return AspectFinding(ClaimOutcome.SUPPORTED, words, measured)
    outcome = ClaimOutcome.CONTRADICTED if share < FAINTLY else ClaimOutcome.CANNOT_TELL
    return AspectFinding(outcome, words, measured)
