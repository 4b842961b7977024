"""What the detectors find in a night, to be offered to a scorer as evidence."""

from __future__ import annotations

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
from psg.events.continuous import read_continuous
from psg.events.cutting import events_by_epoch
from psg.events.detecting import DETECTORS
from psg.night import NightSignals

# To be raised whenever a detector changes, so that what was stored is found anew.
DETECTORS_VERSION = 2

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


def find_candidates(night: NightSignals) -> list[list[dict[str, Any]]]:
    """For each epoch its events as evidence, in order of time.

    Thresholds rest on the night's own level, so the whole night is searched at once.
    """
    continuous = read_continuous(night)
    events = {kind: continuous.find_once(DETECTORS[kind]) for kind in KINDS}
    return [
        [
            event.as_evidence()
            for event in sorted(
                (event for found in kinds.values() for event in found),
                key=lambda event: (event.start_s, event.end_s, event.kind),
            )
        ]
        for kinds in events_by_epoch(events, night.epoch_count)
    ]
