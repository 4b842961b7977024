"""An event that a detector detected in a night."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psg.filters import MODEL_SFREQ_HZ
from psg.montage import Derivation

# Detectors read the filtered store; evidence names the signal it was measured on.
MEASURED_ON = {"signal": "filtered", "sfreq_hz": MODEL_SFREQ_HZ}


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

    def as_evidence(self) -> dict[str, Any]:
        """As scorings keep evidence, ready for JSON; measures that it lacks are left out."""
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
