"""Agreement of many scorings with bootstrap intervals, compared with a loop over libraries.

    python benchmarks/agreement.py [--nights 80] [--scorers 5] [--replicates 1000] [--json]

Each statistic (mean pairwise Cohen kappa, Fleiss kappa, Krippendorff alpha, AC1, observed
agreement; pooled and by stage) gets its interval by resampling nights. The loop resamples the same
nights, concatenates their epochs and computes the first three statistics, pooled only, with
scikit-learn, statsmodels and krippendorff. It is timed on a few replicates and scaled up. Since it
computes fewer statistics, ``ratio`` is a lower limit of the speed-up. ``largest_difference`` is the
largest difference of the two on those replicates.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import combinations
from pathlib import Path

import krippendorff
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa as library_fleiss

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "platform"))

from psg.agreement import (
    AgreementSums,
    Bootstrap,
    CategorySums,
    Interval,
    category_counts,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    mean_pair_kappa,
    observed_agreement,
)
from psg.stages import STAGES

EPOCHS = 960
LOOPED_REPLICATES = 3
Nights = list[NDArray[np.int64]]
Floats = NDArray[np.float64]
Measure = Callable[[CategorySums], Floats]


def simulated_nights(nights: int, scorers: int) -> Nights:
    """Stages of slowly changing nights with random errors of each scorer; (epochs, scorers)."""
    rng = np.random.default_rng(0)
    nights_made = []
    for _ in range(nights):
        true = np.repeat(rng.integers(0, len(STAGES), EPOCHS // 12), 12)
        errors = rng.random((EPOCHS, scorers)) < rng.uniform(0.1, 0.3)
        nights_made.append(
            np.where(errors, rng.integers(0, len(STAGES), (EPOCHS, scorers)), true[:, None])
        )
    return nights_made


def all_intervals(nights: Nights, bootstrap: Bootstrap) -> dict[str, Interval]:
    sums = AgreementSums.of(nights, len(STAGES))
    intervals = {
        "mean_pairwise_kappa": bootstrap.interval(lambda t: mean_pair_kappa(sums.pairs_drawn(t))),
        **_of_categories("", sums.categories, bootstrap),
    }
    for code, stage in enumerate(STAGES):
        stage_sums = CategorySums.stack(
            [CategorySums.of(category_counts((night == code).astype(int), 2)) for night in nights]
        )
        intervals |= _of_categories(f" {stage}", stage_sums, bootstrap)
    return intervals


def _of_categories(name: str, sums: CategorySums, bootstrap: Bootstrap) -> dict[str, Interval]:
    measures: dict[str, Measure] = {
        "fleiss_kappa": fleiss_kappa,
        "krippendorff_alpha": krippendorff_alpha,
        "ac1": gwet_ac,
        "observed_agreement": observed_agreement,
    }
    return {
        f"{label}{name}": bootstrap.interval(partial(_drawn, measure, sums))
        for label, measure in measures.items()
    }


def _drawn(measure: Measure, sums: CategorySums, times: Floats) -> Floats:
    return measure(sums.drawn(times))


def by_libraries(nights: Nights, times: NDArray[np.float64]) -> list[float]:
    drawn = np.concatenate(
        [night for night, n in zip(nights, times, strict=True) for _ in range(int(n))]
    )
    pairs = combinations(range(drawn.shape[1]), 2)
    kappas = [
        cohen_kappa_score(drawn[:, a], drawn[:, b], labels=range(len(STAGES))) for a, b in pairs
    ]
    alpha = krippendorff.alpha(
        reliability_data=drawn.T.astype(float), level_of_measurement="nominal"
    )
    return [
        float(np.mean(kappas)),
        float(library_fleiss(category_counts(drawn, len(STAGES)))),
        float(alpha),
    ]


def largest_difference(
    nights: Nights, looped: list[list[float]], times: NDArray[np.float64]
) -> float:
    sums = AgreementSums.of(nights, len(STAGES))
    drawn = sums.categories.drawn(times)
    ours = np.stack(
        [mean_pair_kappa(sums.pairs_drawn(times)), fleiss_kappa(drawn), krippendorff_alpha(drawn)],
        axis=-1,
    )
    return float(np.abs(ours - np.array(looped)).max())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nights", type=int, default=80)
    parser.add_argument("--scorers", type=int, default=5)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    nights = simulated_nights(arguments.nights, arguments.scorers)

    started = time.perf_counter()
    bootstrap = Bootstrap.of(len(nights), replicates=arguments.replicates, seed=1)
    intervals = all_intervals(nights, bootstrap)
    seconds = time.perf_counter() - started

    few = bootstrap.times[:LOOPED_REPLICATES]
    started = time.perf_counter()
    looped = [by_libraries(nights, times) for times in few]
    loop_seconds = (time.perf_counter() - started) / LOOPED_REPLICATES * arguments.replicates

    result = {
        "nights": arguments.nights,
        "scorers": arguments.scorers,
        "replicates": arguments.replicates,
        "statistics": len(intervals),
        "seconds": round(seconds, 2),
        "loop_seconds": round(loop_seconds, 1),
        "ratio": round(loop_seconds / seconds, 1),
        "largest_difference": largest_difference(nights, looped, few),
    }
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:24} {value}")
    for name, interval in intervals.items():
        print(f"{name:24} {interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f})")


if __name__ == "__main__":
    main()
