"""Slow wave: 0.5-2 Hz with more than 75 uV from peak to peak over the frontal derivation.

Definition: AASM manual (Iber et al. 2007), criterion of N3. A wave lasts 0.5-2 s from a falling
zero crossing to the next. A wave of 500 uV or more is taken for movement. Without a frontal
derivation that shows the waves in full the central one is searched. A frontal wave must reach the
centre, which blinks and the brow do not, or be one of a train.
"""

from __future__ import annotations

import numpy as np

from psg.events.continuous import ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.frontal import reaches_centre, searched
from psg.events.waveforms import events_of, maxima, moving_mean, negative_first_waves, widened

KIND = "slow_wave"
BAND_HZ = (0.3, 4.0)
LEAST_UV, MOST_UV = 75.0, 500.0
SHORTEST_S, LONGEST_S = 0.5, 2.0
LEAST_CENTRAL_SHARE, LEAST_CENTRAL_TROUGH = 0.4, 0.3
LEAST_TRAIN_SHARE, TRAIN_S = 0.28, 3.0


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find slow waves in F4 or C4 (`searched`), with peak-to-peak size (uV) and frequency (Hz)."""
    return find_in(night, BAND_HZ, LEAST_UV)


def find_in(
    night: ContinuousNight, band_hz: tuple[float, float], least_uv: float
) -> list[DetectedEvent]:
    """Find slow waves that are larger than ``least_uv`` in a band."""
    home = searched(night)
    if home is None:
        return []
    slow = night.band(home, *band_hz)
    waves = negative_first_waves(slow)
    size_uv, duration_s = waves.peak_to_peak_uv, waves.duration_s
    keep = (
        (size_uv > least_uv)
        & (size_uv < MOST_UV)
        & (duration_s >= SHORTEST_S)
        & (duration_s <= LONGEST_S)
    )
    central = reaches_centre(
        night,
        waves,
        band_hz,
        least_size_share=LEAST_CENTRAL_SHARE,
        least_trough_share=LEAST_CENTRAL_TROUGH,
    )
    # The first and the last wave of a train have it only on one side.
    beside = widened(waves.runs, TRAIN_S / 3, len(slow))
    level_uv = maxima(moving_mean(np.abs(slow), TRAIN_S), beside)
    keep &= central | (level_uv >= LEAST_TRAIN_SHARE * size_uv)
    return events_of(
        KIND,
        home,
        waves.runs.where(keep),
        peak_to_peak_uv=size_uv[keep],
        frequency_hz=1 / duration_s[keep],
    )
