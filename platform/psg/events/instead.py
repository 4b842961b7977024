"""All detectors, as far as the derivations that can be read allow.

While F4 is not read in an epoch, K complexes and slow waves are searched in C4, as in a recording
without F4. Without any EEG, movements of the eyes are not told from slow waves, so none count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psg.events import blink
from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.eyes import without_eeg
from psg.events.faults import EpochFaults
from psg.events.registry import EVENT_KINDS, detect_events
from psg.events.unread import Unread, unread_in
from psg.montage import EOG_DERIVATIONS, Derivation
from psg.stages import EPOCH_S


def detect_where_read(
    night: ContinuousNight, faults: Sequence[EpochFaults]
) -> dict[str, list[DetectedEvent]]:
    """Run all detectors over a night whose epochs have these faults."""
    unread = dict(enumerate(unread_in(faults)))
    events = {
        kind: [event for event in found if _is_told(event, night, unread)]
        for kind, found in detect_events(night).items()
    }
    for kind in EVENT_KINDS:
        home, other = kind.derivations[0] if kind.derivations else None, kind.else_in
        lost = {
            index
            for index, epoch in unread.items()
            if home in epoch.lost and other not in epoch.lost
        }
        if kind.find and home and other in night and lost:
            elsewhere = kind.find(_without(night, home))
            kept = [event for event in events[kind.id] if _epoch(event) not in lost]
            moved = [event for event in elsewhere if _epoch(event) in lost]
            events[kind.id] = sorted([*kept, *moved], key=lambda event: event.start_s)
    return events


def _is_told(event: DetectedEvent, night: ContinuousNight, unread: Mapping[int, Unread]) -> bool:
    """Whether enough EEG is read beside an eye, whose channels show waves of sleep too."""
    if event.derivation not in EOG_DERIVATIONS:
        return True
    lost = unread.get(_epoch(event), Unread()).lost
    read = [place for place in night.derivations if place not in lost]
    return not (blink.untold(read) if event.kind == blink.KIND else without_eeg(read))


def _epoch(event: DetectedEvent) -> int:
    return int(event.middle_s // EPOCH_S)


def _without(night: ContinuousNight, place: Derivation) -> ContinuousNight:
    return ContinuousNight(
        {name: night.signal(name) for name in night.derivations if name is not place}
    )
