"""What is in a simulated night, in the kinds and seconds of the detectors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from psg.simulate.events import SimulatedEvent
from psg.simulate.night import SimulatedNight

KINDS = (
    "spindle",
    "k_complex",
    "slow_wave",
    "alpha",
    "vertex_wave",
    "sawtooth",
    "rem",
    "sem",
    "blink",
    "arousal",
    "movement",
)
LASTING = ("alpha", "movement")
ALSO_RIGHT = {"slow_wave": ("k_complex",)}
"""A K complex is a wave of 0.5-2 Hz and more than 75 uV: who calls it a slow wave is right."""
_LEAST_SLOW_WAVE_UV = 75.0


def known_events(night: SimulatedNight) -> dict[str, list[SimulatedEvent]]:
    """Events by kind, every kind named; times in seconds from the start of the first epoch."""
    shift_s = night.grid.epoch0_s
    return by_kind(
        replace(event, start_s=event.start_s - shift_s, end_s=event.end_s - shift_s)
        for event in night.events
    )


def by_kind(events: Iterable[SimulatedEvent]) -> dict[str, list[SimulatedEvent]]:
    """Sort events by the detectors' kinds, every kind named; what has none is left out."""
    found: dict[str, list[SimulatedEvent]] = {kind: [] for kind in KINDS}
    for event in events:
        kind = _kind(event)
        if kind in found:
            found[kind].append(event)
    return found


def _kind(event: SimulatedEvent) -> str | None:
    """The detectors' kind: eyes move as rapidly awake as in R; small waves are no slow waves."""
    if event.kind == "waking_rem":
        return "rem"
    is_small = event.parameters.get("peak_to_peak_uv", 0.0) < _LEAST_SLOW_WAVE_UV
    return None if event.kind == "slow_wave" and is_small else event.kind
