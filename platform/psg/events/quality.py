"""Heart beats in EEG and EOG, which an eye sees at once.

They are a note on the quality of a recording, not events: nothing is offered, claimed or cited on
them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.montage import EEG_DERIVATIONS, EOG_DERIVATIONS, Derivation
from psg.night import SAMPLES_PER_EPOCH

ECG_BAND_HZ = (8.0, 30.0)
LEAST_BEAT_UV = 8.0
TIMES_LEVEL = 4.0
"""How far a beat must rise above the usual size of the band; alpha and spindles do not."""
BEAT_S = (0.5, 1.5)
MOST_IRREGULAR = 0.12
"""Median deviation of the intervals from their median, relative to it."""
LEAST_REGULAR_SHARE = 0.6
"""Share of an epoch that beats at regular intervals must fill."""
LEAST_EPOCHS_SHARE = 0.25
"""Share of the epochs of a recording in which beats must be regular."""


def with_ecg(night: ContinuousNight) -> tuple[Derivation, ...]:
    """Return the EEG and EOG derivations that show heart beats in a good part of the recording."""
    present = [name for name in (*EEG_DERIVATIONS, *EOG_DERIVATIONS) if name in night]
    return tuple(name for name in present if _share_with_beats(night, name) >= LEAST_EPOCHS_SHARE)


def _share_with_beats(night: ContinuousNight, derivation: Derivation) -> float:
    epochs = _epochs(night, derivation)
    return float(np.mean([_beats(epoch) for epoch in epochs])) if len(epochs) else 0.0


def _epochs(night: ContinuousNight, derivation: Derivation) -> NDArray[np.float32]:
    band = night.band(derivation, *ECG_BAND_HZ)
    return band[: len(band) // SAMPLES_PER_EPOCH * SAMPLES_PER_EPOCH].reshape(-1, SAMPLES_PER_EPOCH)


def _beats(fast: NDArray[np.floating]) -> bool:
    """Whether an epoch of the band, (3000,), has sharp waves at the intervals of a heart."""
    size = np.abs(fast)
    least_uv = max(LEAST_BEAT_UV, TIMES_LEVEL * float(np.median(size)))
    tall = np.flatnonzero(size >= least_uv)
    if not len(tall):
        return False
    # Waves closer than the shortest interval belong to the beat that began first.
    beats = [int(tall[0])]
    for place in tall.tolist():
        if place - beats[-1] >= BEAT_S[0] * SFREQ_HZ:
            beats.append(place)
    intervals_s = np.diff(beats) / SFREQ_HZ
    if len(intervals_s) < 3:
        return False
    usual_s = float(np.median(intervals_s))
    regular = np.abs(intervals_s - usual_s) <= MOST_IRREGULAR * usual_s
    filled_s = float(intervals_s[regular].sum())
    whole_s = SAMPLES_PER_EPOCH / SFREQ_HZ
    return usual_s <= BEAT_S[1] and filled_s >= LEAST_REGULAR_SHARE * whole_s
