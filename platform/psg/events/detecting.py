"""Run all detectors over a night."""

from __future__ import annotations

from collections.abc import Callable

from psg.events import (
    alpha,
    arousal,
    blink,
    chin_tone,
    k_complex,
    movement,
    rapid_eye_movement,
    sawtooth,
    slow_eye_movement,
    slow_wave,
    spindle,
    theta,
    vertex_wave,
)
from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent

DETECTORS: dict[str, Callable[[ContinuousNight], list[DetectedEvent]]] = {
    spindle.KIND: spindle.find,
    k_complex.KIND: k_complex.find,
    slow_wave.KIND: slow_wave.find,
    alpha.KIND: alpha.find,
    theta.KIND: theta.find,
    blink.KIND: blink.find,
    rapid_eye_movement.KIND: rapid_eye_movement.find,
    slow_eye_movement.KIND: slow_eye_movement.find,
    chin_tone.KIND: chin_tone.find,
    arousal.KIND: arousal.find,
    vertex_wave.KIND: vertex_wave.find,
    sawtooth.KIND: sawtooth.find,
    movement.KIND: movement.find,
}


def detect_events(night: ContinuousNight) -> dict[str, list[DetectedEvent]]:
    """Events by kind, each list in order of time."""
    return {kind: night.find_once(find) for kind, find in DETECTORS.items()}
