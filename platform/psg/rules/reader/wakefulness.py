"""Whether the EEG alone looks awake: fast and low, with little activity of 2-8 Hz.

The AASM manual describes the EEG of W with open eyes as chiefly low-amplitude beta and alpha, that
of N1 as slower, chiefly of 4-7 Hz. It is read in a sleeper who shows no waking alpha: without
O2-M1, or with O2-M1 where the chin tells that tone is not low, since missing alpha speaks against
W. Slow band and threshold are ours (`benchmarks.reader_constants`): in simulated nights 86 % of
epochs of W exceed it, 20 % of N1, 2 % of R, hardly any of N2 and N3.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from psg.events import ContinuousNight
from psg.events.continuous import SFREQ_HZ
from psg.events.measures import EpochMeasures
from psg.events.movement import hidden_seconds
from psg.montage import Derivation
from psg.stages import EPOCH_S

FAST_HZ, SLOW_HZ = (16.0, 30.0), (2.0, 8.0)
LEAST_FAST_TO_SLOW = 0.18
WINDOW_S = 3.0
LEAST_VISIBLE_S = 10
_LEAST_POWER_UV2 = 1e-6


def waking_eeg(
    night: ContinuousNight, epochs: Sequence[EpochMeasures], *, makes_alpha: bool
) -> list[bool | None]:
    """Return for each epoch whether C4 is that of W in most of the seconds that can be read.

    None where alpha tells it, without C4 or with a fault in it, and where too few can be read.
    """
    if makes_alpha or Derivation.C4 not in night:
        return [None] * len(epochs)
    fast, slow = (
        night.band_power(Derivation.C4, *band_hz, WINDOW_S)[SFREQ_HZ // 2 :: SFREQ_HZ]
        for band_hz in (FAST_HZ, SLOW_HZ)
    )
    visible = ~hidden_seconds(night)
    for index, epoch in enumerate(epochs):
        for gap in epoch.gaps.get(Derivation.C4, ()):
            first = index * int(EPOCH_S)
            visible[first + int(gap.start_s) : first + int(gap.end_s)] = False
    ratio = fast / np.maximum(slow, _LEAST_POWER_UV2)
    width = int(EPOCH_S)
    return [
        _is_awake(ratio[first : first + width][visible[first : first + width]])
        if _may_tell(epoch, with_o2=Derivation.O2 in night)
        else None
        for first, epoch in zip(range(0, len(epochs) * width, width), epochs, strict=True)
    ]


def _may_tell(epoch: EpochMeasures, *, with_o2: bool) -> bool:
    """Whether C4 has no fault, and O2 without alpha is outweighed by tone that is not low."""
    if Derivation.C4 in epoch.faults:
        return False
    return not with_o2 or epoch.tone_is_low is False


def _is_awake(ratios: np.ndarray) -> bool | None:
    if len(ratios) < LEAST_VISIBLE_S:
        return None
    return bool(np.median(ratios) >= LEAST_FAST_TO_SLOW)
