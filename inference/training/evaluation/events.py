"""Events that rationales tell, beside the events that are known to be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.training.evaluation.answers import Answers
from inference.training.evaluation.reference import ReferenceNight
from psg.agreement.sums import Floats, RecordingSums
from psg.claims import Claim, Span, claims_of
from psg.claims.aspects import NEAR_S
from psg.events.measures import HALF_S
from psg.simulate import SimulatedEvent
from psg.simulate.night import ALSO_RIGHT, KINDS, LASTING
from psg.stages import EPOCH_S

MOMENTARY = tuple(kind for kind in KINDS if kind not in LASTING)
Stretch = tuple[float, float]
"""Start and end in seconds of the epoch at hand; either may lie outside it."""


@dataclass(frozen=True)
class EventSums(RecordingSums):
    """Counts by kind, in the order of MOMENTARY, and seconds by kind, in that of LASTING."""

    told: Floats
    """Times that rationales give; (..., n)."""
    told_right: Floats
    """Of those, with an event of their own there; (..., n)."""
    there: Floats
    """Events in the epochs asked for; (..., n)."""
    there_told: Floats
    """Of those, told with their time; (..., n)."""
    told_s: Floats
    there_s: Floats
    shared_s: Floats
    """Seconds of rhythms told, there, and both; (..., m)."""


def event_sums(night: ReferenceNight, answers: Answers) -> EventSums | None:
    """Compare the rationales of a night with its events; None where those are not known.

    An event counts as told where a time that is given lies within a second of it, and each event
    stands for one time that is told. An epoch whose reply could not be read tells nothing.
    """
    if night.events is None:
        return None
    inside = {kind: _by_epoch(events, night.epoch_count) for kind, events in night.events.items()}
    counts, seconds = np.zeros((4, len(MOMENTARY))), np.zeros((3, len(LASTING)))
    said = answers.parsed
    for epoch in answers.by_epoch:
        claims = claims_of(said[epoch].rationale) if epoch in said else []
        told = {kind: _told(claims, kind) for kind in KINDS}
        here = {kind: epochs[epoch] for kind, epochs in inside.items()}
        counts += np.array([_counts(told[kind], here, kind) for kind in MOMENTARY]).T
        seconds += np.array([_seconds(told[kind], here[kind]) for kind in LASTING]).T
    return EventSums(*counts, *seconds)


def _told(claims: Sequence[Claim], kind: str) -> list[Span]:
    """Times at which a kind is said to be seen; one that is named again is told once.

    "In the first half" is no time of a momentary event, and tells neither right nor wrong.
    """
    longest_s = EPOCH_S if kind in LASTING else HALF_S - 0.1
    spans = [s for claim in claims if claim.kind == kind and not claim.absent for s in claim.spans]
    times = [span for span in spans if span.duration_s <= longest_s]
    return list({(span.start_s, span.end_s): span for span in times}.values())


def _by_epoch(events: Sequence[SimulatedEvent], epoch_count: int) -> list[list[Stretch]]:
    """Where events lie in seconds of each epoch, those of its neighbours that reach near it too."""
    found: list[list[Stretch]] = [[] for _ in range(epoch_count)]
    for event in events:
        first = max(int((event.start_s - NEAR_S) // EPOCH_S), 0)
        last = min(int((event.end_s + NEAR_S) // EPOCH_S), epoch_count - 1)
        for epoch in range(first, last + 1):
            onset_s = epoch * EPOCH_S
            found[epoch].append((event.start_s - onset_s, event.end_s - onset_s))
    return found


def _counts(
    told: Sequence[Span], here: Mapping[str, Sequence[Stretch]], kind: str
) -> tuple[int, int, int, int]:
    """Times told, those right, events there, those told; of one kind in one epoch."""
    extra = [stretch for also in ALSO_RIGHT.get(kind, ()) for stretch in here[also]]
    events = [*here[kind], *extra]
    own = [place for place, event in enumerate(here[kind]) if 0 <= sum(event) / 2 < EPOCH_S]
    matched = _match(told, events)
    return len(told), len(matched), len(own), len(matched.intersection(own))


def _match(told: Sequence[Span], events: Sequence[Stretch]) -> set[int]:
    """Places of the events that have a told time of their own, nearest pairs first."""
    pairs = sorted(
        (abs(time.start_s - event[0]), place, number)
        for place, event in enumerate(events)
        for number, time in enumerate(told)
        if _fits(time, event)
    )
    matched: set[int] = set()
    used: set[int] = set()
    for _, place, number in pairs:
        if place not in matched and number not in used:
            matched.add(place)
            used.add(number)
    return matched


def _fits(time: Span, event: Stretch) -> bool:
    """A time fits inside the event and a second around it: "0-30 s" fits no spindle."""
    return time.start_s >= event[0] - NEAR_S and time.end_s <= event[1] + NEAR_S


def _seconds(told: Sequence[Span], there: Sequence[Stretch]) -> tuple[float, float, float]:
    """Seconds of one epoch that are told, there, and both."""
    said = _filled([(span.start_s, span.end_s) for span in told])
    true = _filled(there)
    return said.sum() / 10, true.sum() / 10, (said & true).sum() / 10


def _filled(stretches: Sequence[Stretch]) -> NDArray[np.bool_]:
    """Which tenths of a second of the epoch are covered; (300,)."""
    mask = np.zeros(int(10 * EPOCH_S), dtype=np.bool_)
    for start_s, end_s in stretches:
        mask[max(round(10 * start_s), 0) : max(round(10 * end_s), 0)] = True
    return mask
