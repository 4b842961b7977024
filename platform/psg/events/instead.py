"""The events of each epoch, detected with the derivations that are read in it.

In an epoch in which derivations have faults, its events are those of a recording without them: K
complexes and slow waves are searched in C4 while F4 is not read, and a dead C4 speaks against no
wave of F4. Without any EEG movements of the eyes are not told from slow waves, so none count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from psg.events import movement
from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.eyes import without_eeg
from psg.events.registry import detect_events
from psg.events.unread import LEAST_PART_S, Unread
from psg.montage import EOG_DERIVATIONS, Derivation
from psg.stages import EPOCH_S

LONG_EVENT_S = 3.0


def events_by_epoch(
    events: Mapping[str, Sequence[DetectedEvent]], epoch_count: int
) -> list[dict[str, list[DetectedEvent]]]:
    """Return the events of each epoch by kind, in seconds from its start, cut at its edges."""
    by_epoch: list[dict[str, list[DetectedEvent]]] = [{} for _ in range(epoch_count)]
    for kind, same_kind in events.items():
        for event in same_kind:
            for epoch in _epochs_of(event, epoch_count):
                by_epoch[epoch].setdefault(kind, []).append(_inside(event, epoch))
    return by_epoch


def _epochs_of(event: DetectedEvent, epoch_count: int) -> Iterable[int]:
    """Return the epoch of a short event, or the epochs with 0.5 s or more of a long event.

    A movement is no wave that is counted once: it hides what it covers on both sides of an edge.
    """
    if event.duration_s < LONG_EVENT_S and event.kind != movement.KIND:
        return (min(int(event.middle_s // EPOCH_S), epoch_count - 1),)
    first = int((event.start_s + LEAST_PART_S) // EPOCH_S)
    last = int(np.ceil((event.end_s - LEAST_PART_S) / EPOCH_S))
    return range(first, min(last, epoch_count))


def _inside(event: DetectedEvent, epoch: int) -> DetectedEvent:
    onset_s = epoch * EPOCH_S
    return replace(
        event,
        start_s=round(max(event.start_s - onset_s, 0.0), 2),
        end_s=round(min(event.end_s - onset_s, EPOCH_S), 2),
    )


def detect_by_epoch(
    night: ContinuousNight, unread: Sequence[Unread]
) -> list[dict[str, list[DetectedEvent]]]:
    """Run all detectors over a night, and return the events of each epoch by kind."""
    by_epoch = events_by_epoch(_detect(night), len(unread))
    lost_in: dict[frozenset[Derivation], list[int]] = {}
    for epoch, here in enumerate(unread):
        if lost := frozenset(here.lost) & set(night.derivations):
            lost_in.setdefault(lost, []).append(epoch)
    for lost, epochs in lost_in.items():
        others = events_by_epoch(_detect(night.without(lost)), len(unread))
        for epoch in epochs:
            # Several derivations at once show a movement, faulty or not.
            moved = by_epoch[epoch].get(movement.KIND, [])
            by_epoch[epoch] = {**others[epoch], movement.KIND: moved}
    return by_epoch


def _detect(night: ContinuousNight) -> dict[str, list[DetectedEvent]]:
    events = detect_events(night)
    if not without_eeg(night.derivations):
        return events
    return {
        kind: [event for event in found if event.derivation not in EOG_DERIVATIONS]
        for kind, found in events.items()
    }
