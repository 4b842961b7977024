"""K complex: a sharp negative wave directly followed by a positive wave, at least 0.5 s together,
maximal frontally and standing out from the background.

Definition: AASM manual (Iber et al. 2007), which gives no amplitude. So the size is compared with
the background of 21 s, and with the 1.5 s before. It is no member of a train of slow waves: three
waves of comparable size are a train, two are not, since K complexes come in pairs. The smallest
size, measured in this band, is ours: no smaller one is marked in the recordings at hand. The trough
shows in the central derivation too, which movements of the awake eye and brow do not reach. Eyes
that move in opposite directions meanwhile exclude it. Without a frontal derivation the central one
is searched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.eyes import has_eyes
from psg.events.frontal import reaches_centre, searched
from psg.events.waveforms import (
    Runs,
    Waves,
    background,
    events_of,
    means,
    moving_mean,
    negative_first_waves,
    peak_to_peak,
)
from psg.montage import EOG_DERIVATIONS

KIND = "k_complex"
BAND_HZ = (0.5, 4.0)
LEAST_UV, MOST_UV, LEAST_TROUGH_UV = 48.0, 400.0, 22.0
LEAST_POSITIVE_SHARE = 0.25
SHORTEST_S, LONGEST_S = 0.5, 1.6
SHORTEST_NEGATIVE_S, LONGEST_NEGATIVE_S = 0.1, 0.8
TIMES_SURROUNDINGS, SURROUNDINGS_S = 9.0, 21.0
TIMES_BEFORE, BEFORE_S = 5.0, 1.5
COMPARABLE_SHARE, TRAIN_S = 0.55, 2.8
"""Size relative to the wave, and the time between the middles of both."""
LONGEST_RISE_S = 0.7
"""From trough to peak. A wave of 1.4 s takes so long; slower ones are slow waves."""
LEAST_CENTRAL_SHARE = 0.5
MOST_EYE_SHARE = 0.6


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find K complexes in F4 or C4 (`frontal.searched`), with peak-to-peak size in uV."""
    home = searched(night)
    if home is None:
        return []
    slow = night.band(home, *BAND_HZ)
    waves = negative_first_waves(slow)
    size_uv, duration_s = waves.peak_to_peak_uv, waves.duration_s
    around_uv = means(background(slow, SURROUNDINGS_S), waves.runs)
    keep = (
        (size_uv >= np.maximum(LEAST_UV, TIMES_SURROUNDINGS * around_uv))
        & (size_uv >= TIMES_BEFORE * _before_uv(slow, waves.runs))
        & (size_uv <= MOST_UV)
        & (waves.trough_uv <= -LEAST_TROUGH_UV)
        & (waves.peak_uv >= LEAST_POSITIVE_SHARE * size_uv)
        & (waves.negative_s >= SHORTEST_NEGATIVE_S)
        & (waves.negative_s <= LONGEST_NEGATIVE_S)
        & (duration_s >= SHORTEST_S)
        & (duration_s <= LONGEST_S)
        & reaches_centre(
            night,
            waves,
            BAND_HZ,
            least_size_share=LEAST_CENTRAL_SHARE,
            least_trough_share=LEAST_CENTRAL_SHARE,
        )
        & _eyes_still(night, waves.runs, size_uv)
    )
    keep[keep] = _rise_s(slow, waves.runs.where(keep)) <= LONGEST_RISE_S
    keep[keep] = ~_in_train(waves, np.flatnonzero(keep))
    return events_of(KIND, home, waves.runs.where(keep), peak_to_peak_uv=size_uv[keep])


def _before_uv(slow: NDArray[np.floating], runs: Runs) -> NDArray[np.float64]:
    """Return the mean absolute value just before each wave; (n_runs,)."""
    width = round(BEFORE_S * SFREQ_HZ)
    if not len(slow):
        return np.zeros(len(runs))
    level_uv = moving_mean(np.abs(slow), BEFORE_S)
    return np.asarray(level_uv[np.maximum(runs.starts - width // 2, 0)])


def _rise_s(slow: NDArray[np.floating], runs: Runs) -> NDArray[np.float64]:
    """Return the time from trough to peak of each wave; (n_runs,)."""
    rises_s = np.empty(len(runs))
    for place, (start, end) in enumerate(zip(runs.starts, runs.ends, strict=True)):
        rises_s[place] = (np.argmax(slow[start:end]) - np.argmin(slow[start:end])) / SFREQ_HZ
    return rises_s


def _in_train(waves: Waves, places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of these waves have two others of comparable size beside them; (n_places,)."""
    middles = (waves.runs.starts + waves.runs.ends) / 2
    size_uv = waves.peak_to_peak_uv
    inside = np.zeros(len(places), dtype=bool)
    for nth, place in enumerate(places):
        near = np.abs(middles - middles[place]) <= TRAIN_S * SFREQ_HZ
        comparable = size_uv[near] >= COMPARABLE_SHARE * size_uv[place]
        inside[nth] = np.count_nonzero(comparable) >= 3  # with the wave itself
    return inside


def _eyes_still(
    night: ContinuousNight, runs: Runs, size_uv: NDArray[np.float64]
) -> NDArray[np.bool_]:
    if not has_eyes(night):
        return np.ones(len(runs), dtype=bool)
    left, right = (night.band(eye, *BAND_HZ) for eye in EOG_DERIVATIONS)
    return np.asarray(peak_to_peak(right - left, runs) <= MOST_EYE_SHARE * size_uv)
