"""The measured evidence of one epoch, ready for JSON."""

from __future__ import annotations

from typing import Any

from psg.events.event import MEASURED_ON
from psg.montage import Derivation
from psg.rules.reader.measures import EpochMeasures
from psg.stages import EPOCH_S


def evidence_of(epoch: EpochMeasures) -> list[dict[str, Any]]:
    """All events in order of time, then the chin tone of the epoch."""
    events = sorted(
        (event for found in epoch.events.values() for event in found),
        key=lambda event: (event.start_s, event.end_s, event.kind),
    )
    return [event.as_evidence() for event in events] + _tone(epoch)


def _tone(epoch: EpochMeasures) -> list[dict[str, Any]]:
    if epoch.tone_uv is None:
        return []
    values = {"rms_uv": epoch.tone_uv, "low_share": epoch.low_tone_share}
    return [
        {
            "kind": "chin_tone",
            "derivation": Derivation.CHIN.value,
            "start_s": 0.0,
            "end_s": EPOCH_S,
            "values": {n: round(value, 2) for n, value in values.items() if value is not None},
            **MEASURED_ON,
        }
    ]
