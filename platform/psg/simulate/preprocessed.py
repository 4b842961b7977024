"""A simulated night as it would be stored: six derivations, preprocessed and cut into epochs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.filters import MODEL_SFREQ_HZ, preprocess
from psg.montage import DERIVATIONS, Derivation
from psg.night import SAMPLES_PER_EPOCH, ArrayNight
from psg.simulate.night import MASS_LABELS, SimulatedNight


def preprocessed(night: SimulatedNight) -> ArrayNight:
    """The scored part of a night at 100 Hz."""
    start = round(night.grid.epoch0_s * MODEL_SFREQ_HZ)
    stop = start + night.grid.epoch_count * SAMPLES_PER_EPOCH
    traces = [
        preprocess(_signal_uv(night, name), night.sfreq_hz, name)[start:stop]
        for name in DERIVATIONS
    ]
    epochs_uv = np.stack(traces, axis=1).reshape(-1, SAMPLES_PER_EPOCH, len(traces))
    return ArrayNight(
        DERIVATIONS, np.ascontiguousarray(epochs_uv.transpose(0, 2, 1), dtype=np.float32)
    )


def _signal_uv(night: SimulatedNight, derivation: Derivation) -> NDArray[np.float32]:
    if derivation is Derivation.CHIN:
        return night.signals_uv["EMG Chin1"] - night.signals_uv["EMG Chin2"]
    return night.signals_uv[MASS_LABELS[derivation]]
