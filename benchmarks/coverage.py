"""Coverage of intervals over recordings, in many simulated rating studies.

    python benchmarks/coverage.py [--studies 1000] [--recordings 30 8] [--json]

Each study has nights of random quality with six rationales each, and four raters of known severity.
Three raters rate each rationale; scores are rounded to 1 to 5. The true value is computed from a
study of 20,000 nights. A 95 % interval should contain the true value in 93 to 97 % of the studies.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "platform"))

from psg.agreement import Bootstrap, ReliabilitySums, variance_components

Floats = NDArray[np.float64]
ITEMS, RATERS_PER_ITEM = 6, 3
SEVERITY = np.array([-0.3, 0.0, 0.1, 0.2])
BETWEEN_NIGHTS, BETWEEN_ITEMS, WITHIN = 0.35, 0.5, 0.5
NIGHTS_OF_TRUTH = 20_000
Measure = Callable[[ReliabilitySums], Floats]

MEASURES: dict[str, Measure] = {
    "mean": lambda sums: sums.rater_sums.sum(axis=-1) / sums.rater_counts.sum(axis=-1),
    "icc_a1": lambda sums: variance_components(sums).icc_a1,
    "icc_c1": lambda sums: variance_components(sums).icc_c1,
}


def night(rng: np.random.Generator) -> Floats:
    """Scores of a night, (items, raters); NaN if a rater did not rate the item."""
    quality = 3.8 + rng.normal(0, BETWEEN_NIGHTS) + rng.normal(0, BETWEEN_ITEMS, (ITEMS, 1))
    scores = quality + SEVERITY + rng.normal(0, WITHIN, (ITEMS, len(SEVERITY)))
    unrated = np.argsort(rng.random(scores.shape), axis=1)[:, RATERS_PER_ITEM:]
    scores = np.clip(np.round(scores), 1, 5)
    np.put_along_axis(scores, unrated, np.nan, axis=1)
    return scores


def sums_of_study(recordings: int, rng: np.random.Generator) -> ReliabilitySums:
    return ReliabilitySums.stack([ReliabilitySums.of(night(rng)) for _ in range(recordings)])


def truths() -> dict[str, float]:
    rng = np.random.default_rng(0)
    whole = ReliabilitySums.of(np.concatenate([night(rng) for _ in range(NIGHTS_OF_TRUTH)]))
    return {name: float(measure(whole)) for name, measure in MEASURES.items()}


def coverage(recordings: int, studies: int, truth: dict[str, float]) -> dict[str, float]:
    held = dict.fromkeys(MEASURES, 0)
    for seed in range(studies):
        sums = sums_of_study(recordings, np.random.default_rng([recordings, seed]))
        bootstrap = Bootstrap.of(recordings, replicates=1000, seed=seed)
        for name, measure in MEASURES.items():
            interval = bootstrap.interval(partial(_drawn, measure, sums))
            held[name] += interval.low <= truth[name] <= interval.high
    return {name: round(count / studies, 4) for name, count in held.items()}


def _drawn(measure: Measure, sums: ReliabilitySums, times: Floats) -> Floats:
    return measure(sums.drawn(times))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--recordings", type=int, nargs="+", default=[30, 8])
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    truth = truths()
    shares_by_size = {
        recordings: coverage(recordings, arguments.studies, truth)
        for recordings in arguments.recordings
    }
    if arguments.json:
        print(
            json.dumps({"studies": arguments.studies, "truth": truth, "coverage": shares_by_size})
        )
        return
    print(f"{arguments.studies} studies; truth", {k: round(v, 4) for k, v in truth.items()})
    for recordings, shares in shares_by_size.items():
        print(f"{recordings:4} recordings", *(f"{k} {v:.1%}" for k, v in shares.items()))


if __name__ == "__main__":
    main()
