"""What the simulator put into the signals, event by event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SimulatedEvent:
    """One waveform or disturbance with its place and its parameters.

    Attributes
    ----------
    kind
        For example ``"spindle"``, ``"k_complex"``, ``"slow_wave"``, ``"alpha"``, ``"rem"``.
    channel
        The derivation in which the event is largest, or ``"all"``.
    start_s, end_s
        Seconds from the start of the recording.
    parameters
        What the event was drawn with; the unit ends each name (``_uv``, ``_hz``).
    """

    kind: str
    channel: str
    start_s: float
    end_s: float
    parameters: Mapping[str, float] = field(default_factory=dict)
