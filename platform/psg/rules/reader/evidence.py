"""The measured evidence of one epoch, ready for JSON."""

from __future__ import annotations

from typing import Any

from psg.events import Event
from psg.montage import Derivation
from psg.rules.reader.measures import EpochMeasures
from psg.stages import EPOCH_S


def evidence_of(epoch: EpochMeasures) -> list[dict[str, Any]]:
    """All events in order of time, then the chin tone of the epoch."""
    events = sorted(
        (event for found in epoch.events.values() for event in found),
        key=lambda event: (event.start_s, event.end_s, event.kind),
    )
    return [_event(event) for event in events] + _tone(epoch)


def _event(event: Event) -> dict[str, Any]:
    values = {"frequency_hz": event.frequency_hz, "peak_to_peak_uv": event.peak_to_peak_uv}
    return {
        "kind": event.kind,
        "derivation": event.derivation.value,
        "start_s": event.start_s,
        "end_s": event.end_s,
        "values": {name: round(value, 1) for name, value in values.items() if value is not None},
    }


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
        }
    ]
