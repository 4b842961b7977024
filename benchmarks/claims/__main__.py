"""Accuracy of reading claims from texts, and of judging them by the signal.

    python -m benchmarks.claims [--nights 6] [--hours 4] [--seed 1000] [--texts 5000] [--json]

Reading is tested on two lists written by hand (``sentences.txt``, with which the reader was
developed, and ``unseen.txt``, written afterwards) and on randomly worded sentences with known
content. Judging is tested on simulated nights with known events: first the detectors alone, then
the verdicts on true and false claims, then the claims in rationales of the rule reader, on their
own epoch and on another epoch. The figures in ``psg.events.registry`` come from nights of other
seeds (--seed 200 --nights 8).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "platform"))

from benchmarks.claims.detector_score import score_detectors
from benchmarks.claims.known_nights import known_nights
from benchmarks.claims.reading_score import ReadingScore, score_texts
from benchmarks.claims.sentences import KNOWN, UNSEEN, sentences
from benchmarks.claims.verdict_score import score_rationales, score_verdicts
from benchmarks.claims.writing import NOUNS, claim_at_random, written


def generated(count: int) -> ReadingScore:
    rng = random.Random(0)
    claims = [claim_at_random(rng.choice(list(NOUNS)), rng) for _ in range(count)]
    return score_texts((written(claim, rng), [claim]) for claim in claims)


def by_hand(path: Path) -> ReadingScore:
    return score_texts((sentence.text, sentence.claims) for sentence in sentences(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nights", type=int, default=6)
    parser.add_argument("--hours", type=float, default=4)
    parser.add_argument("--seed", type=int, default=1000, help="seed of the first night")
    parser.add_argument(
        "--texts", type=int, default=5000, help="number of randomly worded sentences"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    reading = {
        "by hand, known": by_hand(KNOWN).as_json(),
        "by hand, later": by_hand(UNSEEN).as_json(),
        "randomly worded": generated(arguments.texts).as_json(),
    }
    nights = list(known_nights(arguments.nights, arguments.hours, arguments.seed))
    detectors = {kind: score.as_json() for kind, score in score_detectors(nights).items()}
    verdicts = score_verdicts(nights).as_json()
    rationales = score_rationales(nights)
    results = {
        "reading": reading,
        "detectors": detectors,
        "verdicts": verdicts,
        "rationales": rationales,
    }
    if arguments.json:
        print(json.dumps(results))
    else:
        _print(results)


def _print(results: dict) -> None:
    for name, score in results["reading"].items():
        print(f"\nReading, {name}: {score['perfect']} of {score['texts']} texts read without error")
        for what in ("claims", "facts"):
            print(f"  {what:8}", _hits(score[what]))
        for kind, hits in score["by_kind"].items():
            print(f"    {kind:14}", _hits(hits))
        for fact, hits in score["by_fact"].items():
            print(f"    {fact:14}", _hits(hits))
    print("\nDetectors: events, detected; precision, recall; errors of Hz, size, seconds")
    for kind, score in results["detectors"].items():
        print(f"  {kind:14}", *(f"{value!s:>7}" for value in score.values()))
    for group in ("by_kind", "by_sort"):
        print(f"\nVerdicts {group.replace('_', ' ')}: supported, contradicted, cannot tell")
        for name, truths in results["verdicts"][group].items():
            for truth, counts in truths.items():
                print(f"  {name:14} {truth:6}", _outcomes(counts))
    print("\nVerdicts, all")
    for truth, counts in results["verdicts"]["all"].items():
        print(f"  {truth:6}", _outcomes(counts))
    for name in ("of_contradicted_false", "of_supported_true"):
        print(f"  {name.replace('_', ' ')}: {results['verdicts'][name]}")
    print("\nClaims of the rule reader's rationales: supported, contradicted, cannot tell")
    for name, counts in results["rationales"].items():
        print(f"  {name:14}", _outcomes(counts))


def _hits(hits: dict) -> str:
    shares = [
        ("-" if hits[name] is None else f"{hits[name]:.3f}") for name in ("precision", "recall")
    ]
    counts = f"stated {hits['stated']:5}  read {hits['read']:5}"
    return f"{counts}  precision {shares[0]}  recall {shares[1]}"


def _outcomes(counts: dict[str, int]) -> str:
    return " ".join(f"{counts.get(o, 0):6}" for o in ("supported", "contradicted", "cannot_tell"))


if __name__ == "__main__":
    main()
