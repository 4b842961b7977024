"""Chin tone: the level of the chin EMG second by second, and its sudden rises.

In the AASM manual (Iber et al. 2007) tone is low when it is at or near the lowest of the night, so
the level is judged against the night's own range: low is the lower half of it on a logarithmic
scale. A chin whose level hardly changes all night is uninformative and is reported as such.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, ContinuousNight
from psg.events.event import DetectedEvent
from psg.events.waveforms import events_of, long_runs, moving_mean, moving_rms
from psg.montage import Derivation

KIND = "chin_tone"
RISE = 2.0
SHORTEST_RISE_S = 1.0
BASELINE_S, BASELINE_LAG_S = 10.0, 2.0
LEAST_RANGE = 1.6
LOW_SHARE = 0.5
_EPOCH_SECONDS = 30


@dataclass(frozen=True)
class ChinTone:
    """Level of every second, (n_seconds,) in uV RMS, and the threshold of low tone.

    ``informative`` is False where the level hardly changes in the night.
    """

    level_uv: NDArray[np.float64]
    low_below_uv: float
    informative: bool


def measure_tone(
    night: ContinuousNight, is_read: NDArray[np.bool_] | None = None
) -> ChinTone | None:
    """Measure the tone of a night; return None without a chin derivation.

    Its range is that of the seconds that are read, all unless ``is_read``, (n_seconds,), says so.
    """
    if Derivation.CHIN not in night:
        return None
    chin = night.signal(Derivation.CHIN).astype(np.float64)
    seconds = chin[: len(chin) // SFREQ_HZ * SFREQ_HZ].reshape(-1, SFREQ_HZ)
    level_uv = np.sqrt(np.square(seconds).mean(axis=1))
    is_read = np.ones(len(level_uv), dtype=bool) if is_read is None else is_read[: len(level_uv)]
    floor_uv, top_uv = _range(level_uv, is_read)
    spread = top_uv / floor_uv
    return ChinTone(
        level_uv=level_uv,
        low_below_uv=floor_uv * spread**LOW_SHARE,
        informative=spread >= LEAST_RANGE,
    )


def _range(level_uv: NDArray[np.float64], is_read: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the 5th and the 95th percentile of the medians of epochs, in uV RMS."""
    whole = len(level_uv) // _EPOCH_SECONDS * _EPOCH_SECONDS
    levels = np.where(is_read, level_uv, np.nan)[:whole].reshape(-1, _EPOCH_SECONDS)
    levels = levels[np.isfinite(levels).any(axis=1)]
    if not levels.size:
        return 1.0, 1.0
    floor_uv, top_uv = np.percentile(np.nanmedian(levels, axis=1), [5, 95])
    return max(float(floor_uv), 0.05), max(float(top_uv), 0.05)


def find(night: ContinuousNight) -> list[DetectedEvent]:
    """Find rises to twice the level of the ten seconds before, for a second or more."""
    if Derivation.CHIN not in night:
        return []
    chin = night.signal(Derivation.CHIN)
    level = moving_rms(chin, 0.5)
    lag = int((BASELINE_LAG_S + BASELINE_S / 2) * SFREQ_HZ)
    before = np.empty_like(level)
    before[lag:] = moving_mean(level, BASELINE_S)[:-lag] if len(level) > lag else 0
    before[:lag] = np.inf
    runs = long_runs(level > RISE * before, shortest_s=SHORTEST_RISE_S, gap_s=0.3)
    return events_of(KIND, Derivation.CHIN, runs)
