"""Body movement: EEG hidden behind movement and muscle artefact.

AASM manual (Iber et al. 2007): a major body movement obscures the EEG for more than half of an
epoch. A second is hidden when at least two EEG derivations (or the only derivation) swing by
more than 300 uV or carry more than 12 uV RMS above 20 Hz.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import events_of, long_runs
from psg.montage import EEG_DERIVATIONS

KIND = "movement"
LEAST_SWING_UV = 300.0
LEAST_FAST_RMS_UV = 12.0
SHORTEST_S, GAP_S = 1.0, 1.0


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find stretches of a second or more in which the EEG is hidden."""
    present = [derivation for derivation in EEG_DERIVATIONS if derivation in night]
    if not present:
        return []
    hidden = np.repeat(hidden_seconds(night), SFREQ_HZ)
    return events_of(KIND, present[0], long_runs(hidden, shortest_s=SHORTEST_S, gap_s=GAP_S))


def hidden_seconds(night: ContinuousNight) -> NDArray[np.bool_]:
    """Return the seconds whose EEG is hidden; (n_seconds,)."""
    present = [derivation for derivation in EEG_DERIVATIONS if derivation in night]
    votes = np.zeros(night.sample_count // SFREQ_HZ, dtype=int)
    for derivation in present:
        swing_uv = np.ptp(_seconds(night.signal(derivation)), axis=1)
        fast = _seconds(night.band(derivation, 20.0, 35.0))
        votes += (swing_uv > LEAST_SWING_UV) | (np.square(fast).mean(axis=1) > LEAST_FAST_RMS_UV**2)
    return np.asarray(votes >= min(2, max(len(present), 1)))


def _seconds(signal: NDArray[np.floating]) -> NDArray[np.floating]:
    return signal[: len(signal) // SFREQ_HZ * SFREQ_HZ].reshape(-1, SFREQ_HZ)
