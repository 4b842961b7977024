"""Short synthetic signals: quiet noise with single waveforms drawn into it."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from psg.events import ContinuousNight
from psg.montage import DERIVATIONS, Derivation

SFREQ = 100


class Drawing:
    """A minute of all six derivations to draw on."""

    def __init__(self, duration_s: float = 60.0, noise_uv: float = 4.0, seed: int = 0) -> None:
        self.count = int(duration_s * SFREQ)
        rng = np.random.default_rng(seed)
        white = rng.standard_normal((len(DERIVATIONS), self.count))
        slow = lfilter([1.0], [1.0, -0.9], white, axis=1)
        scaled = noise_uv * slow / slow.std(axis=1, keepdims=True)
        self.signals = dict(zip(DERIVATIONS, scaled, strict=True))

    def add(
        self, derivation: Derivation, start_s: float, wave_uv: NDArray[np.floating], gain: float = 1
    ) -> "Drawing":
        start = int(start_s * SFREQ)
        self.signals[derivation][start : start + len(wave_uv)] += gain * wave_uv
        return self

    def without(self, *derivations: Derivation) -> ContinuousNight:
        kept = {name: row for name, row in self.signals.items() if name not in derivations}
        return ContinuousNight(kept)

    def night(self) -> ContinuousNight:
        return self.without()


def oscillation(frequency_hz: float, duration_s: float, size_uv: float) -> NDArray[np.floating]:
    """A train with soft flanks; ``size_uv`` from peak to peak."""
    times = np.arange(int(duration_s * SFREQ)) / SFREQ
    flank = np.minimum(1, np.minimum(times, duration_s - times) / 0.1)
    return size_uv / 2 * flank * np.sin(2 * np.pi * frequency_hz * times)


def k_complex(size_uv: float = 150.0, duration_s: float = 1.0) -> NDArray[np.floating]:
    """A sharp negative half and a slower positive one."""
    negative = np.sin(np.pi * np.linspace(0, 1, int(0.35 * duration_s * SFREQ)))
    positive = np.sin(np.pi * np.linspace(0, 1, int(0.65 * duration_s * SFREQ)))
    return size_uv * np.concatenate([-0.6 * negative, 0.4 * positive])


def step_and_back(rise_s: float, hold_s: float, size_uv: float) -> NDArray[np.floating]:
    """A gaze that turns, holds and comes back as fast."""
    rise = 0.5 - 0.5 * np.cos(np.pi * np.linspace(0, 1, max(int(rise_s * SFREQ), 2)))
    return size_uv * np.concatenate([rise, np.ones(int(hold_s * SFREQ)), rise[::-1]])


@pytest.fixture
def drawing() -> Drawing:
    return Drawing()


@pytest.fixture
def draw() -> Callable[..., Drawing]:
    return Drawing


@pytest.fixture
def waves() -> type:
    class Waves:
        oscillation = staticmethod(oscillation)
        k_complex = staticmethod(k_complex)
        step_and_back = staticmethod(step_and_back)

    return Waves
