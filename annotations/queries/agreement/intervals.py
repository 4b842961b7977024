"""Numbers with their intervals, as every page and file of agreement tells them."""

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.agreement import Bootstrap, Interval
from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS

Floats = NDArray[np.float64]
REPLICATES = 1000
SEED = 1


def bootstrap_of(subjects: Sequence[Hashable]) -> Bootstrap:
    """Draw from recordings of which is told whose each one is."""
    return Bootstrap.of_recordings(subjects or [None], replicates=REPLICATES, seed=SEED)


def known(value: float) -> float | None:
    return None if math.isnan(value) else value


def told(interval: Interval) -> dict[str, float | None]:
    """Value, low and high; None where there is none. Never a number in place of nothing."""
    return {
        "value": known(interval.value),
        "low": known(interval.low),
        "high": known(interval.high),
    }


def told_all(
    names: Sequence[str], bootstrap: Bootstrap, statistic: Callable[[Floats], Floats]
) -> dict[str, dict[str, float | None]]:
    """Tell the values of a statistic that gives as many as there are names."""
    intervals = bootstrap.intervals(statistic)
    return {name: told(one) for name, one in zip(names, intervals, strict=True)}


def about_intervals(subjects: Sequence[Hashable]) -> dict[str, Any]:
    """What the intervals of a report rest on: recordings, of which is told whose each one is."""
    count = len(set(subjects))
    return {
        "level": 0.95,
        "method": "bootstrap over subjects, bias-corrected and accelerated",
        "replicates": REPLICATES,
        "seed": SEED,
        "recordings": len(subjects),
        "subjects": count,
        "runs_narrow": count < FEWEST_FOR_HONEST_INTERVALS,
    }
