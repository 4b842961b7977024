"""The measured evidence of one epoch, as it is kept: ready for JSON, and read back from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psg.events.event import MEASURED_ON, Event
from psg.events.measures import EpochMeasures
from psg.montage import Derivation
from psg.stages import EPOCH_S

_TONE = "chin_tone"


def evidence_of(epoch: EpochMeasures) -> list[dict[str, Any]]:
    """All events in order of time, then the chin tone of the epoch."""
    events = sorted(
        (event for found in epoch.events.values() for event in found),
        key=lambda event: (event.start_s, event.end_s, event.kind),
    )
    return [event.as_evidence() for event in events] + _tone(epoch)


def measures_from(evidence: Iterable[dict[str, Any]]) -> EpochMeasures:
    """The measures of an epoch from its evidence, to the decimals that are kept."""
    events: dict[str, list[Event]] = {}
    tone: dict[str, float] = {}
    for one in evidence:
        if one["kind"] == _TONE:
            tone = one["values"]
        else:
            events.setdefault(one["kind"], []).append(_event(one))
    return EpochMeasures(
        {kind: tuple(found) for kind, found in events.items()},
        tone_uv=tone.get("rms_uv"),
        low_tone_share=tone.get("low_share"),
    )


def _event(evidence: dict[str, Any]) -> Event:
    values = evidence["values"]
    return Event(
        evidence["kind"],
        Derivation(evidence["derivation"]),
        evidence["start_s"],
        evidence["end_s"],
        values.get("peak_to_peak_uv"),
        values.get("frequency_hz"),
    )


def _tone(epoch: EpochMeasures) -> list[dict[str, Any]]:
    if epoch.tone_uv is None:
        return []
    values = {"rms_uv": epoch.tone_uv, "low_share": epoch.low_tone_share}
    return [
        {
            "kind": _TONE,
            "derivation": Derivation.CHIN.value,
            "start_s": 0.0,
            "end_s": EPOCH_S,
            **MEASURED_ON,
            "values": {n: round(value, 2) for n, value in values.items() if value is not None},
        }
    ]
