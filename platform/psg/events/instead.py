"""Waves of C4 where F4 has a fault: as in a recording without F4, K complexes and slow waves are
then searched in C4, in the epochs in which F4 is not read at all."""

from __future__ import annotations

from collections.abc import Sequence

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.faults import EpochFaults
from psg.events.registry import EVENT_KINDS, detect_events
from psg.events.unread import unread_in
from psg.montage import Derivation
from psg.stages import EPOCH_S


def detect_where_read(
    night: ContinuousNight, faults: Sequence[EpochFaults]
) -> dict[str, list[DetectedEvent]]:
    """Run all detectors over a night whose epochs have these faults."""
    events = detect_events(night)
    unread = unread_in(faults)
    for kind in EVENT_KINDS:
        home, other = kind.derivations[0] if kind.derivations else None, kind.else_in
        lost = {
            index
            for index, epoch in enumerate(unread)
            if home in epoch.lost and other not in epoch.lost
        }
        if kind.find and home and other in night and lost:
            elsewhere = kind.find(_without(night, home))
            kept = [event for event in events[kind.id] if _epoch(event) not in lost]
            moved = [event for event in elsewhere if _epoch(event) in lost]
            events[kind.id] = sorted([*kept, *moved], key=lambda event: event.start_s)
    return events


def _epoch(event: DetectedEvent) -> int:
    return int(event.middle_s // EPOCH_S)


def _without(night: ContinuousNight, place: Derivation) -> ContinuousNight:
    return ContinuousNight(
        {name: night.signal(name) for name in night.derivations if name is not place}
    )
