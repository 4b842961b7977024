"""What is measured in a night, and what of it is offered to a scorer as evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psg.events import (
    alpha,
    arousal,
    blink,
    k_complex,
    movement,
    rapid_eye_movement,
    sawtooth,
    slow_eye_movement,
    slow_wave,
    spindle,
    vertex_wave,
)
from psg.events.chin_tone import measure_tone
from psg.events.continuous import read_continuous
from psg.events.detecting import detect_events
from psg.events.evidence import evidence_of
from psg.events.measures import measure_epochs
from psg.night import NightSignals

# To be raised whenever a detector changes, so that what was stored is found anew.
DETECTORS_VERSION = 3

# Single events that one marks; background rhythm and tone are judged, not marked.
KINDS = (
    spindle.KIND,
    k_complex.KIND,
    slow_wave.KIND,
    alpha.KIND,
    vertex_wave.KIND,
    rapid_eye_movement.KIND,
    slow_eye_movement.KIND,
    blink.KIND,
    sawtooth.KIND,
    arousal.KIND,
    movement.KIND,
)


def find_evidence(night: NightSignals) -> list[list[dict[str, Any]]]:
    """For each epoch all that is measured in it, in order of time, the chin tone last.

    Thresholds rest on the night's own level, so the whole night is searched at once.
    """
    continuous = read_continuous(night)
    measured = measure_epochs(
        detect_events(continuous), measure_tone(continuous), night.epoch_count
    )
    return [evidence_of(epoch) for epoch in measured]


def offered(evidence: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The single events of an epoch's evidence."""
    return [event for event in evidence if event["kind"] in KINDS]
