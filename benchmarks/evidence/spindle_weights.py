"""How the spindle detector weighs what it measures, and how it does on excerpts left out.

    python -m benchmarks.evidence.spindle_weights [--json]

Bursts of the DREAMS excerpts are marked by either of two experts or not. A logistic regression on
the logarithms of the four measures shows their weights, beside which the round exponents of
`psg.events.spindle` can be judged; that of slow to fast activity was chosen by F1. An excerpt is
left out in two ways: with the exponents in use, which were chosen on all four, and only the limit
chosen on the other three; and with weights and limit both fitted on these.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "platform"))

from benchmarks.evidence.__main__ import by_yasa, pages_of, with_either
from benchmarks.evidence.marks import Reading, Spans, readings
from benchmarks.evidence.recordings import DREAMS_NAMES, recording
from benchmarks.evidence.scoring import EITHER
from psg.events import spindle
from psg.events.continuous import SFREQ_HZ

MEASURES = ("times background", "seconds", "share", "slow to fast")
EXPERTS = ("expert 1", "expert 2", EITHER)
_QUANTILES = np.linspace(0.5, 0.98, 49)
"""Where limits are tried, among the values of all bursts."""


@dataclass(frozen=True)
class Candidates:
    """Bursts that may be spindles: where they lie, (n, 2) in s, and log measures, (n, 4)."""

    spans: Spans
    measures: NDArray[np.float64]
    distinctness: NDArray[np.float64]


@cache
def candidates(name: str) -> Candidates:
    bursts = spindle.bursts_of(recording(name).night)
    allowed = spindle.may_be_spindles(bursts)
    runs = bursts.runs.where(allowed)
    measures = np.stack(
        [bursts.times_background, bursts.runs.durations_s, bursts.share, bursts.slow_to_fast]
    )
    return Candidates(
        np.stack([runs.starts, runs.ends], axis=1) / SFREQ_HZ,
        np.log(measures.T[allowed]),
        bursts.distinctness[allowed],
    )


@cache
def reading(name: str, reader: str = EITHER) -> Reading:
    (found,) = [
        part
        for part in with_either(readings())
        if (part.recording, part.kind, part.reader) == (name, spindle.KIND, reader)
    ]
    return found


def counts(name: str, spans: Spans, reader: str = EITHER) -> NDArray[np.int64]:
    """Hits, detections and marks; (3,)."""
    return np.asarray(pages_of(reading(name, reader), spans).counts.sum(axis=0))


def f1(total: NDArray[np.int64]) -> float:
    return round(float(2 * total[0] / (total[1] + total[2])), 3)


def is_marked(name: str) -> NDArray[np.bool_]:
    return np.array([counts(name, span[None])[0] > 0 for span in candidates(name).spans])


def weights(names: Sequence[str]) -> NDArray[np.float64]:
    """Weights of the log measures, the first being 1; (4,)."""
    measures = np.concatenate([candidates(name).measures for name in names])
    marked = np.concatenate([is_marked(name) for name in names])
    fitted = LogisticRegression(C=1e3, max_iter=1000).fit(measures, marked).coef_[0]
    return np.asarray(fitted / fitted[0])


def left_out(name: str, *, fitted: bool) -> NDArray[np.int64]:
    """Counts of an excerpt with the limit, and with ``fitted`` the weights, of the others."""
    others = [other for other in DREAMS_NAMES if other != name]
    by = weights(others) if fitted else None
    scores = {each: _scores(each, by) for each in DREAMS_NAMES}
    limits = np.quantile(np.concatenate([scores[other] for other in others]), _QUANTILES)

    def total(limit: float, names: Sequence[str]) -> NDArray[np.int64]:
        parts = [counts(each, candidates(each).spans[scores[each] >= limit]) for each in names]
        return np.sum(parts, axis=0)

    best = max(limits, key=lambda limit: f1(total(limit, others)))
    return total(best, [name])


def _scores(name: str, by: NDArray[np.float64] | None) -> NDArray[np.float64]:
    found = candidates(name)
    return np.log(found.distinctness) if by is None else found.measures @ by


def measure() -> dict[str, dict]:
    """F1 with either expert for each excerpt and all of them; the weights of the measures."""
    ways = {
        "in use": {name: counts(name, _in_use(name)) for name in DREAMS_NAMES},
        "left out: limit": {name: left_out(name, fitted=False) for name in DREAMS_NAMES},
        "left out: weights and limit": {name: left_out(name, fitted=True) for name in DREAMS_NAMES},
        "yasa": {name: counts(name, by_yasa(name, spindle.KIND)) for name in DREAMS_NAMES},
        "expert 2 against 1": {
            name: counts(name, reading(name, "expert 2").marks, "expert 1") for name in DREAMS_NAMES
        },
        **{
            f"in use, {reader} alone": {
                name: counts(name, _in_use(name), reader) for name in DREAMS_NAMES
            }
            for reader in EXPERTS[:2]
        },
    }
    return {
        "f1": {
            way: {
                **{n: f1(part) for n, part in parts.items()},
                "all": f1(np.sum([*parts.values()], axis=0)),
            }
            for way, parts in ways.items()
        },
        "weights": dict(zip(MEASURES, weights(DREAMS_NAMES).round(2).tolist(), strict=True)),
    }


def _in_use(name: str) -> Spans:
    found = candidates(name)
    return found.spans[found.distinctness >= spindle.LEAST_DISTINCTNESS]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    results = measure()
    if parser.parse_args().json:
        print(json.dumps(results))
        return
    for way, figures in results["f1"].items():
        print(f"{way:28}", "  ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    print("weights:", results["weights"])


if __name__ == "__main__":
    main()
