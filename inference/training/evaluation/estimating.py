"""Figures with their intervals over subjects."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import SupportsFloat, TypeVar

import numpy as np

from inference.training.evaluation.results import Interval
from psg.agreement import Bootstrap
from psg.agreement.sums import Floats, RecordingSums

REPLICATES = 1000
DIGITS = 4
Statistic = Callable[[Floats], Floats]
"""Maps how often each subject is drawn, (..., n_subjects), to figures, (...)."""
SumsT = TypeVar("SumsT", bound=RecordingSums)


def number(value: SupportsFloat) -> float | None:
    """Round a figure; return None where it is undefined."""
    return None if math.isnan(value) else round(float(value), DIGITS)


@dataclass(frozen=True)
class Estimates:
    """Figures by name, and their 95 % intervals, which are None with a single subject."""

    values: dict[str, float | None]
    intervals: dict[str, Interval]


def estimates(statistics: Mapping[str, Statistic], subjects: int) -> Estimates:
    """Compute statistics, and their intervals by a bootstrap over subjects."""
    bootstrap = Bootstrap.of(subjects, replicates=REPLICATES)
    drawn = {name: bootstrap.interval(statistic) for name, statistic in statistics.items()}
    return Estimates(
        {name: number(its.value) for name, its in drawn.items()},
        {name: (number(its.low), number(its.high)) for name, its in drawn.items()},
    )


def by_subject(sums: Iterable[tuple[str, SumsT]]) -> list[SumsT]:
    """Add up the nights of each subject, given with their subjects."""
    nights_of: dict[str, list[SumsT]] = {}
    for subject, its in sums:
        nights_of.setdefault(subject, []).append(its)
    return [type(its[0]).stack(its).drawn(np.ones(len(its))) for its in nights_of.values()]
