"""One night that the tests of this folder look at, made once."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from psg.montage import Derivation
from psg.simulate import SimulatedNight, simulate_night
from psg.simulate.night import MASS_LABELS
from psg.stages import STAGES, Stage

EPOCH_SAMPLES = 30 * 256


@pytest.fixture(scope="session")
def night() -> SimulatedNight:
    return simulate_night(hours=4, seed=2)


def trace_uv(night: SimulatedNight, derivation: Derivation) -> NDArray[np.float32]:
    if derivation is Derivation.CHIN:
        return night.signals_uv["EMG Chin1"] - night.signals_uv["EMG Chin2"]
    return night.signals_uv[MASS_LABELS[derivation]]


@pytest.fixture(scope="session")
def epochs_of(night: SimulatedNight) -> Callable[[Derivation, Stage], NDArray[np.float32]]:
    """Epochs that keep one true stage from end to end; shape (n, 7680), uV."""

    def choose(derivation: Derivation, stage: Stage) -> NDArray[np.float32]:
        trace, place = trace_uv(night, derivation), STAGES.index(stage)
        chosen = []
        for epoch, scored in enumerate(night.stages):
            start_s = night.grid.onset_s(epoch)
            if scored is stage and night.plan.timeline.shares(start_s, start_s + 30)[place] == 1:
                first = round(start_s * night.sfreq_hz)
                chosen.append(trace[first : first + EPOCH_SAMPLES])
        return np.array(chosen)

    return choose


@pytest.fixture(scope="session")
def trace(night: SimulatedNight) -> Callable[[Derivation], NDArray[np.float32]]:
    return lambda derivation: trace_uv(night, derivation)
