"""Whether the EEG alone looks awake: fast and low, with little slow activity.

The AASM manual describes the EEG of W with open eyes as chiefly low-amplitude beta and alpha. It
is read where alpha cannot be: without O2-M1. The threshold is ours: in simulated nights 95 % of
epochs of W exceed it, 4 % of N2, none of N3, a quarter of R and most of N1, so it is not used
against a chin that is low.
"""

from __future__ import annotations

import numpy as np

from psg.events import ContinuousNight
from psg.events.continuous import SFREQ_HZ
from psg.events.movement import hidden_seconds
from psg.montage import Derivation
from psg.stages import EPOCH_S

FAST_HZ, SLOW_HZ = (16.0, 30.0), (0.5, 4.0)
LEAST_FAST_TO_SLOW = 0.12
WINDOW_S = 3.0
LEAST_VISIBLE_S = 10
_LEAST_POWER_UV2 = 1e-6


def waking_eeg(night: ContinuousNight, epoch_count: int) -> list[bool | None]:
    """Return for each epoch whether C4 is that of W in most seconds that movement leaves visible.

    None where alpha tells it (O2 is there), without C4, and where too few seconds are visible.
    """
    if Derivation.O2 in night or Derivation.C4 not in night:
        return [None] * epoch_count
    fast, slow = (
        night.band_power(Derivation.C4, *band_hz, WINDOW_S)[SFREQ_HZ // 2 :: SFREQ_HZ]
        for band_hz in (FAST_HZ, SLOW_HZ)
    )
    visible = ~hidden_seconds(night)
    ratio = fast / np.maximum(slow, _LEAST_POWER_UV2)
    width = int(EPOCH_S)
    return [
        _is_awake(ratio[first : first + width][visible[first : first + width]])
        for first in range(0, epoch_count * width, width)
    ]


def _is_awake(ratios: np.ndarray) -> bool | None:
    if len(ratios) < LEAST_VISIBLE_S:
        return None
    return bool(np.median(ratios) >= LEAST_FAST_TO_SLOW)
