"""A short simulated night, the same every time, to try a model on: nobody's recording is needed."""

from functools import cache

import numpy as np

from inference.adapters import Night
from psg.filters import MODEL_SFREQ_HZ, preprocess
from psg.montage import DERIVATIONS, Derivation
from psg.night import SAMPLES_PER_EPOCH, ArrayNight
from psg.simulate.night import MASS_LABELS, SimulatedNight, simulate_night

HOURS = 0.25
SEED = 3
TRIED_EPOCHS = (0, 12, 24)
"""The first, which lacks a neighbour, and two within."""


@cache
def trial_night() -> Night:
    """Thirty epochs of six derivations, preprocessed like any recording."""
    night = simulate_night(hours=HOURS, seed=SEED)
    start = round(night.grid.epoch0_s * MODEL_SFREQ_HZ)
    stop = start + night.grid.epoch_count * SAMPLES_PER_EPOCH
    traces = [
        preprocess(_signal_uv(night, name), night.sfreq_hz, name)[start:stop]
        for name in DERIVATIONS
    ]
    epochs_uv = np.stack(traces, axis=1).reshape(-1, SAMPLES_PER_EPOCH, len(traces))
    epochs_uv = np.ascontiguousarray(epochs_uv.transpose(0, 2, 1), dtype=np.float32)
    return Night("trial", ArrayNight(DERIVATIONS, epochs_uv))


def _signal_uv(night: SimulatedNight, derivation: Derivation) -> np.ndarray:
    if derivation is Derivation.CHIN:
        return night.signals_uv["EMG Chin1"] - night.signals_uv["EMG Chin2"]
    return night.signals_uv[MASS_LABELS[derivation]]
