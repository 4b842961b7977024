"""An event that a detector detected in a night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

from psg.filters import MODEL_SFREQ_HZ
from psg.montage import Derivation


class MeasuredOn(TypedDict):
    """The signal that evidence was measured on."""

    signal: str
    sfreq_hz: float


class Evidence(MeasuredOn):
    """An event as scorings store it: plain values for JSON.

    ``start_s`` and ``end_s`` are seconds from the start of the epoch. ``values`` holds the
    measures that the event has, by name: ``frequency_hz`` and ``peak_to_peak_uv``.
    """

    kind: str
    derivation: str
    start_s: float
    end_s: float
    values: dict[str, float]


# Detectors read the filtered store.
MEASURED_ON: MeasuredOn = {"signal": "filtered", "sfreq_hz": MODEL_SFREQ_HZ}


@dataclass(frozen=True)
class DetectedEvent:
    """An event; times are seconds from the start of the first epoch.

    ``peak_to_peak_uv`` and ``frequency_hz`` are None where the kind of event has no such measure.
    """

    kind: str
    derivation: Derivation
    start_s: float
    end_s: float
    peak_to_peak_uv: float | None = None
    frequency_hz: float | None = None

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    @property
    def middle_s(self) -> float:
        return (self.start_s + self.end_s) / 2

    def as_evidence(self) -> Evidence:
        """Return the event as evidence; measures that it lacks are left out."""
        values = {"frequency_hz": self.frequency_hz, "peak_to_peak_uv": self.peak_to_peak_uv}
        return {
            "kind": self.kind,
            "derivation": self.derivation.value,
            "start_s": self.start_s,
            "end_s": self.end_s,
            "values": {
                name: round(value, 1) for name, value in values.items() if value is not None
            },
            **MEASURED_ON,
        }
