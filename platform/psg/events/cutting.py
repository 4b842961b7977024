"""The events of a night, sorted into its epochs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from psg.events.event import Event
from psg.stages import EPOCH_S

LONG_EVENT_S = 3.0
LEAST_PART_S = 0.5


def events_by_epoch(
    events: Mapping[str, Sequence[Event]], epoch_count: int
) -> list[dict[str, list[Event]]]:
    """For each epoch its events by kind, with times inside the epoch, cut at its edges."""
    by_epoch: list[dict[str, list[Event]]] = [{} for _ in range(epoch_count)]
    for kind, found in events.items():
        for event in found:
            for epoch in _epochs_of(event, epoch_count):
                by_epoch[epoch].setdefault(kind, []).append(_inside(event, epoch))
    return by_epoch


def _epochs_of(event: Event, epoch_count: int) -> Iterable[int]:
    """The epochs in which a long event has more than a sliver; a short one is in one only."""
    if event.duration_s < LONG_EVENT_S:
        return (min(int(event.middle_s // EPOCH_S), epoch_count - 1),)
    first = int((event.start_s + LEAST_PART_S) // EPOCH_S)
    last = int(np.ceil((event.end_s - LEAST_PART_S) / EPOCH_S))
    return range(first, min(last, epoch_count))


def _inside(event: Event, epoch: int) -> Event:
    onset_s = epoch * EPOCH_S
    return replace(
        event,
        start_s=round(max(event.start_s - onset_s, 0.0), 2),
        end_s=round(min(event.end_s - onset_s, EPOCH_S), 2),
    )
