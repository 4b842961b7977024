"""Frequency, size, duration and number of the events that a claim means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf

import numpy as np

from psg.claims.claim import Claim, Range
from psg.claims.compared import compare
from psg.claims.detection import Detection
from psg.claims.trust import Trust
from psg.claims.verdict import Finding, Measured, Outcome
from psg.claims.wording import counted, first_upper, said
from psg.events import Event

_SD_TO_95 = 1.96


@dataclass(frozen=True)
class _Value:
    """A measure of single events, and how its error is known."""

    name: str
    unit: str
    least_slack: float
    wanted: Callable[[Claim], Range | None]
    of: Callable[[Event], float | None]
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
    claim: Claim, trust: Trust, events: Sequence[Event], *, is_wave: bool
) -> Iterator[Finding]:
    """One finding for each value that the claim tells; durations only of single waves."""
    for value in (*_VALUES, *((_DURATION,) if is_wave else ())):
        wanted = value.wanted(claim)
        if wanted is not None:
            yield _size(value, wanted, trust, events)


def fitting(claim: Claim, trust: Trust, events: Sequence[Event]) -> tuple[list[Event], list[Event]]:
    """Events with the values a claim names: those that have them, and those that may."""
    surely, perhaps = [], []
    for event in events:
        outcomes = {
            _size(value, wanted, trust, [event]).outcome
            for value in _VALUES
            if (wanted := value.wanted(claim)) is not None
        }
        if outcomes <= {Outcome.SUPPORTED}:
            surely.append(event)
        if Outcome.CONTRADICTED not in outcomes:
            perhaps.append(event)
    return surely, perhaps


def number(claim: Claim, detection: Detection, trust: Trust, found: int) -> Finding | None:
    """How many; what detectors miss and invent makes the count uncertain. None where not told."""
    if claim.count is None or claim.spans:
        return None  # with times told, each of them was looked at
    there = first_upper(counted(detection.noun, found))
    words = f"{there} found, the text says {said(claim.count, '')}."
    if found in claim.count:
        return Finding(Outcome.SUPPORTED, words)
    if trust.precision is None or trust.recall is None:
        return Finding(Outcome.CANNOT_TELL, words)
    fewest = floor(found * trust.precision) - 1
    most = ceil(found / max(trust.recall, 0.1)) + 1
    is_possible = fewest <= claim.count.high and most >= claim.count.low
    return Finding(Outcome.CANNOT_TELL if is_possible else Outcome.CONTRADICTED, words)


def _size(value: _Value, wanted: Range, trust: Trust, events: Sequence[Event]) -> Finding:
    found = [size for event in events if (size := value.of(event)) is not None]
    if not found:
        return Finding(Outcome.CANNOT_TELL, f"Its {value.name} is not measured.")
    # "Above 75 uV" is met by the largest; a value or a range is meant of the middle.
    middle = max(found) if wanted.is_open else float(np.median(found))
    error = value.error(trust, middle)
    uncertainty = inf if error is None else _SD_TO_95 * error
    shown = Measured(value.name, round(middle, 1), round(min(uncertainty, 1e3), 1), value.unit)
    told = said(wanted, value.unit)
    words = f"Measured {middle:.1f} {value.unit} {value.name}, the text says {told}."
    outcome = compare(middle, uncertainty, wanted, least_slack=value.least_slack)
    return Finding(outcome, words, None if error is None else shown)
