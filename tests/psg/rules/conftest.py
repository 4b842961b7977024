"""Epochs built from events alone, so that a rule is tested without a signal."""

from collections.abc import Callable

import pytest

from psg.events import DetectedEvent
from psg.events.measures import EpochMeasures
from psg.montage import Derivation
from psg.rules.reader.signs import NightTraits, Signs

PLACE = {
    "spindle": (Derivation.C4, 1.0, 35.0, 13.2),
    "k_complex": (Derivation.F4, 1.0, 140.0, None),
    "slow_wave": (Derivation.F4, 1.0, 110.0, 1.0),
    "alpha": (Derivation.O2, 8.0, 40.0, 10.0),
    "theta": (Derivation.C4, 3.0, 25.0, 5.5),
    "blink": (Derivation.E2, 0.3, 110.0, None),
    "rem": (Derivation.E1, 0.3, 90.0, None),
    "sem": (Derivation.E1, 1.5, 70.0, None),
    "arousal": (Derivation.C4, 4.0, None, None),
    "chin_tone": (Derivation.CHIN, 2.0, None, None),
    "vertex_wave": (Derivation.C4, 0.3, 90.0, None),
    "movement": (Derivation.F4, 18.0, None, None),
}


def one_epoch(low_tone: float | None = 0.0, **starts_s: list[float]) -> EpochMeasures:
    """``one_epoch(spindle=[3, 20])``: events of usual length at the times given."""
    events = {}
    for kind, starts in starts_s.items():
        derivation, duration_s, size_uv, pitch_hz = PLACE[kind]
        events[kind] = tuple(
            DetectedEvent(kind, derivation, start, min(start + duration_s, 30.0), size_uv, pitch_hz)
            for start in starts
        )
    tone_uv = None if low_tone is None else 5.0
    return EpochMeasures(events, tone_uv=tone_uv, low_tone_share=low_tone)


def signs_of(*epochs: EpochMeasures) -> list[Signs]:
    return [Signs(here, epochs[i - 1] if i else None) for i, here in enumerate(epochs)]


@pytest.fixture
def epoch() -> Callable[..., EpochMeasures]:
    return one_epoch


@pytest.fixture
def signs() -> Callable[..., list[Signs]]:
    return signs_of


@pytest.fixture
def producer() -> NightTraits:
    return NightTraits(makes_alpha=True, alpha_hz=10.0, chin="informative", missing=())


@pytest.fixture
def no_alpha() -> NightTraits:
    return NightTraits(makes_alpha=False, alpha_hz=None, chin="informative", missing=())


@pytest.fixture
def no_chin() -> NightTraits:
    return NightTraits(makes_alpha=True, alpha_hz=10.0, chin="missing", missing=(Derivation.CHIN,))
