"""Random times at which events happen, at a rate that follows the plan of the night."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from psg.simulate.draws import FloatArray


def draw_times(rng: Generator, rate_per_s: FloatArray, *, gap_s: float = 0.0) -> FloatArray:
    """Draw the times of an inhomogeneous Poisson process by thinning.

    Parameters
    ----------
    rate_per_s
        Shape (n_seconds,): events per second in each second.
    gap_s
        Times closer than this to the one before are dropped.
    """
    highest = float(rate_per_s.max(initial=0.0))
    if highest <= 0:
        return np.empty(0)
    count = rng.poisson(highest * len(rate_per_s))
    times = np.sort(rng.uniform(0, len(rate_per_s), count))
    times = times[rng.random(count) * highest < rate_per_s[times.astype(int)]]
    return _spaced(times, gap_s)


def _spaced(times: FloatArray, gap_s: float) -> FloatArray:
    kept: list[float] = []
    for time_s in times:
        if not kept or time_s - kept[-1] >= gap_s:
            kept.append(float(time_s))
    return np.array(kept)
