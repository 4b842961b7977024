"""Slow wave: 0.5-2 Hz with more than 75 uV from peak to peak over the frontal derivation.

Definition: AASM manual (Iber et al. 2007), criterion of N3. A wave lasts 0.5-2 s from a falling
zero crossing to the next. A wave of 500 uV or more is taken for movement.
"""

from __future__ import annotations

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import events_of, negative_first_waves
from psg.montage import Derivation

KIND = "slow_wave"
LEAST_UV, MOST_UV = 75.0, 500.0
SHORTEST_S, LONGEST_S = 0.5, 2.0


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find slow waves over F4, with peak-to-peak size (uV) and frequency (Hz)."""
    if Derivation.F4 not in night:
        return []
    waves = negative_first_waves(night.band(Derivation.F4, 0.3, 4.0))
    size_uv, duration_s = waves.peak_to_peak_uv, waves.duration_s
    keep = (
        (size_uv > LEAST_UV)
        & (size_uv < MOST_UV)
        & (duration_s >= SHORTEST_S)
        & (duration_s <= LONGEST_S)
    )
    return events_of(
        KIND,
        Derivation.F4,
        waves.runs.where(keep),
        peak_to_peak_uv=size_uv[keep],
        frequency_hz=1 / duration_s[keep],
    )
