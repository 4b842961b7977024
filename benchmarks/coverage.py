"""Coverage of intervals over subjects, in many simulated studies.

    python benchmarks/coverage.py [--studies 1000] [--subjects 2 3 ... 20 30] [--json]

A 95 % interval should contain the true value in 95 % of the studies; with few subjects it does so
less often. `psg/agreement/coverage.py` keeps what this prints, and pages say it beside intervals.

Ratings: each subject has a night of random quality with six rationales, and four raters of known
severity. Three raters rate each rationale; scores are rounded to 1 to 5. For the mean of the
population every second rationale is scored 1 lower, and stands for a tenth of what the others do.
Scorings: two scorers of a night of 800 epochs, of which they agree in about 82 %, more or less by
night. True values come from 20,000 nights.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "platform"))

from psg.agreement import Bootstrap, ReliabilitySums, variance_components, weighted_kappa

Floats = NDArray[np.float64]
ITEMS, RATERS_PER_ITEM = 6, 3
SEVERITY = np.array([-0.3, 0.0, 0.1, 0.2])
BETWEEN_NIGHTS, BETWEEN_ITEMS, WITHIN = 0.35, 0.5, 0.5
WEIGHTS = np.where(np.arange(ITEMS) % 2, 1.0, 10.0)[:, None]
EPOCHS, AGREED, ALIKE = 800, 0.82, 30
STAGE_SHARES = np.array([0.15, 0.08, 0.45, 0.15, 0.17])
NIGHTS_OF_TRUTH = 20_000
MEASURES = ("mean", "population_mean", "icc_a1", "kappa")
Night = tuple[Floats, Floats, Floats]
"""Scores of items as drawn (items, raters), weighted scores and weights, a table of stages."""


def night(rng: np.random.Generator) -> Night:
    quality = 3.8 + rng.normal(0, BETWEEN_NIGHTS) + rng.normal(0, BETWEEN_ITEMS, (ITEMS, 1))
    wanted = quality + SEVERITY + rng.normal(0, WITHIN, (ITEMS, len(SEVERITY)))
    unrated = np.argsort(rng.random(wanted.shape), axis=1)[:, RATERS_PER_ITEM:]
    scores = _rounded(wanted, unrated)
    lower = _rounded(wanted - (WEIGHTS == 1), unrated)
    given = WEIGHTS * ~np.isnan(lower)
    weighted = np.array([np.nansum(WEIGHTS * lower), given.sum()])
    return scores, weighted, _stages(rng)


def _rounded(wanted: Floats, unrated: NDArray[np.intp]) -> Floats:
    scores = np.clip(np.round(wanted), 1, 5)
    np.put_along_axis(scores, unrated, np.nan, axis=1)
    return scores


def _stages(rng: np.random.Generator) -> Floats:
    """Epochs of a night by the stages of two scorers; errors fall on stages by their share."""
    shares = rng.dirichlet(20 * STAGE_SHARES)
    agreed = rng.beta(AGREED * ALIKE, (1 - AGREED) * ALIKE)
    other = np.outer(shares, shares) * (1 - np.eye(len(shares)))
    cells = agreed * np.diag(shares) + (1 - agreed) * other / other.sum()
    return rng.multinomial(EPOCHS, cells.ravel()).reshape(cells.shape).astype(np.float64)


def statistic(nights: list[Night]) -> Callable[[Floats], Floats]:
    """Return the function from how often each night counts to the values of MEASURES."""
    sums = ReliabilitySums.stack([ReliabilitySums.of(scores) for scores, _, _ in nights])
    weighted = np.stack([of_night for _, of_night, _ in nights])
    tables = np.stack([table for _, _, table in nights])

    def values(times: Floats) -> Floats:
        drawn, whole = sums.drawn(times), np.tensordot(times, weighted, axes=1)
        return np.stack(
            [
                drawn.rater_sums.sum(axis=-1) / drawn.rater_counts.sum(axis=-1),
                whole[..., 0] / whole[..., 1],
                variance_components(drawn).icc_a1,
                weighted_kappa(np.tensordot(times, tables, axes=1), np.eye(tables.shape[-1])),
            ],
            axis=-1,
        )

    return values


def truths() -> dict[str, float]:
    rng = np.random.default_rng(0)
    whole = statistic([night(rng) for _ in range(NIGHTS_OF_TRUTH)])(np.ones(NIGHTS_OF_TRUTH))
    return dict(zip(MEASURES, map(float, whole), strict=True))


def coverage(subjects: int, studies: int, truth: dict[str, float]) -> dict[str, float]:
    held = dict.fromkeys(MEASURES, 0)
    for seed in range(studies):
        rng = np.random.default_rng([subjects, seed])
        nights = [night(rng) for _ in range(subjects)]
        intervals = Bootstrap.of(subjects, replicates=1000, seed=seed).intervals(statistic(nights))
        for name, interval in zip(MEASURES, intervals, strict=True):
            held[name] += interval.low <= truth[name] <= interval.high
    return {name: round(count / studies, 3) for name, count in held.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument(
        "--subjects", "--recordings", type=int, nargs="+", default=[*range(2, 21), 30]
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    truth = truths()
    shares_by_size = {
        subjects: coverage(subjects, arguments.studies, truth) for subjects in arguments.subjects
    }
    if arguments.json:
        print(
            json.dumps({"studies": arguments.studies, "truth": truth, "coverage": shares_by_size})
        )
        return
    print(f"{arguments.studies} studies; truth", {k: round(v, 4) for k, v in truth.items()})
    for subjects, shares in shares_by_size.items():
        print(f"{subjects:4} subjects", *(f"{k} {v:.1%}" for k, v in shares.items()))


if __name__ == "__main__":
    main()
