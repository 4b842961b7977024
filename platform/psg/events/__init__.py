"""Event detectors, one module a kind; each offers ``KIND`` and ``find(night)``.

A detector measures and does not stage: the same movement of the eyes is a sign of R or of W
depending on what else the epoch holds. Detectors of a missing derivation find nothing.
"""

from psg.events.continuous import ContinuousNight, read_continuous
from psg.events.detecting import DETECTORS, detect_events
from psg.events.event import DetectedEvent

__all__ = ["DETECTORS", "ContinuousNight", "DetectedEvent", "detect_events", "read_continuous"]
