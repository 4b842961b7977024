"""Event detectors, one module a kind; each offers ``KIND`` and ``find(night) -> list[Event]``.

A detector measures and does not stage: the same movement of the eyes is a sign of R or of W
depending on what else the epoch holds. Detectors of a missing derivation find nothing.
"""

from psg.events.continuous import ContinuousNight, read_continuous
from psg.events.detecting import DETECTORS, detect_events
from psg.events.event import Event

__all__ = ["DETECTORS", "ContinuousNight", "Event", "detect_events", "read_continuous"]
