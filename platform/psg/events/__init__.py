"""Event detectors, a module for each kind with ``KIND`` and ``find(night)``.

A detector measures and does not stage: the same movement of the eyes is a sign of R or of W
depending on the rest of the epoch. A detector whose derivation is missing returns no events.
All kinds, and everything that other code needs to know of them, stand in ``psg.events.registry``.
"""

from psg.events.continuous import ContinuousNight, read_continuous
from psg.events.event import DetectedEvent
from psg.events.registry import EventKind, Trust, detect_events, event_kind

__all__ = [
    "ContinuousNight",
    "DetectedEvent",
    "EventKind",
    "Trust",
    "detect_events",
    "event_kind",
    "read_continuous",
]
