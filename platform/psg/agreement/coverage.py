"""How often 95 % intervals contain the true value with few subjects, from simulated studies.

`benchmarks/coverage.py` simulates them: 1,000 studies of each size, of ratings and of scorings as
the benchmark describes them. Real studies differ; the table shows what to expect, no correction.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from psg.agreement.bootstrap import FEWEST_FOR_HONEST_INTERVALS

Measure = Literal["mean", "population_mean", "icc_a1", "kappa"]
_TITLES: Final[Mapping[Measure, str]] = MappingProxyType(
    {
        "mean": "mean",
        "population_mean": "mean in the population",
        "icc_a1": "ICC(A,1)",
        "kappa": "kappa",
    }
)
_COLUMNS: Final[tuple[Measure, ...]] = ("mean", "population_mean", "icc_a1", "kappa")
_SIMULATED: Final[Mapping[int, tuple[float, float, float, float]]] = MappingProxyType(
    {
        2: (0.532, 0.541, 0.498, 0.489),
        3: (0.745, 0.744, 0.71, 0.745),
        4: (0.85, 0.872, 0.829, 0.891),
        5: (0.898, 0.898, 0.889, 0.91),
        6: (0.944, 0.934, 0.909, 0.929),
        7: (0.913, 0.923, 0.92, 0.943),
        8: (0.939, 0.926, 0.929, 0.949),
        9: (0.941, 0.944, 0.915, 0.935),
        10: (0.948, 0.952, 0.927, 0.947),
        11: (0.924, 0.936, 0.932, 0.944),
        12: (0.935, 0.935, 0.94, 0.949),
        13: (0.93, 0.93, 0.931, 0.945),
        14: (0.947, 0.936, 0.93, 0.937),
        15: (0.95, 0.953, 0.951, 0.947),
        16: (0.963, 0.948, 0.95, 0.94),
        17: (0.951, 0.951, 0.933, 0.942),
        18: (0.947, 0.956, 0.929, 0.935),
        19: (0.953, 0.944, 0.945, 0.949),
    }
)


def simulated_coverage(subjects: int) -> dict[Measure, float]:
    """Return the share of intervals with the true value by measure; empty for other sizes."""
    return dict(zip(_COLUMNS, _SIMULATED.get(subjects, ()), strict=False))


def coverage_words(subjects: int, *measures: Measure) -> str:
    """Say how often intervals over so few subjects contain the truth; empty from 20 subjects on."""
    known = simulated_coverage(subjects) if subjects < FEWEST_FOR_HONEST_INTERVALS else {}
    if not known:
        return ""
    parts = [f"the true {_TITLES[name]} in {100 * known[name]:.0f} %" for name in measures]
    listed = " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
    return f"In simulated studies of {subjects} subjects, 95 % intervals contained {listed}."


def narrow_words(subjects: int, *measures: Measure) -> str:
    """Warn of intervals over few subjects; empty where there are none or enough."""
    if not 2 <= subjects < FEWEST_FOR_HONEST_INTERVALS:
        return ""
    return (
        f"{subjects} subjects: with fewer than {FEWEST_FOR_HONEST_INTERVALS} subjects, intervals "
        f"are too narrow. {coverage_words(subjects, *measures)}"
    )
