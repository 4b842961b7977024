"""What a scorer learns about a sleeper by leafing through the night first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from psg.events import alpha
from psg.events.chin_tone import ChinTone
from psg.events.measures import HALF_S, EpochMeasures
from psg.montage import Derivation

LEAST_ALPHA_EPOCHS = 2
"""Epochs with alpha in more than half that make a sleeper an alpha producer."""


@dataclass(frozen=True)
class Calibration:
    """Facts about the night that decide how its epochs are read."""

    makes_alpha: bool
    alpha_hz: float | None
    chin: str
    missing: tuple[Derivation, ...]

    @property
    def has_chin_tone(self) -> bool:
        return self.chin == "informative"


def calibrate(
    epochs: Sequence[EpochMeasures], tone: ChinTone | None, present: Sequence[Derivation]
) -> Calibration:
    with_alpha = [epoch for epoch in epochs if epoch.seconds(alpha.KIND) > HALF_S]
    rhythm_hz = [
        event.frequency_hz
        for epoch in with_alpha
        for event in epoch.of(alpha.KIND)
        if event.frequency_hz is not None
    ]
    return Calibration(
        makes_alpha=len(with_alpha) >= LEAST_ALPHA_EPOCHS,
        alpha_hz=float(np.median(rhythm_hz)) if rhythm_hz else None,
        chin=_chin(tone),
        missing=tuple(derivation for derivation in Derivation if derivation not in present),
    )


def _chin(tone: ChinTone | None) -> str:
    if tone is None:
        return "missing"
    return "informative" if tone.informative else "uninformative"
