"""Precision and recall of the detectors on marks in real recordings.

    python -m benchmarks.evidence [--json]

Each reading (an expert, or a reading of ours) is compared with our detector, with yasa's where it
has one, and with the other readers of the same recordings. Then it prints what verdicts rest on
(``benchmarks.evidence.trust``). The recordings lie in ``../shared/data`` and are not part of the
project.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypedDict

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "platform"))

import numpy as np

from benchmarks.evidence.marks import Reading, Spans, common, readings, spans_of, union
from benchmarks.evidence.peers import PEERS
from benchmarks.evidence.recordings import (
    DREAMS_NAMES,
    EPOCH_NAMES,
    K_COMPLEX_NAMES,
    N1_NAMES,
    WHOLE_NAMES,
    recording,
)
from benchmarks.evidence.scoring import (
    EITHER,
    PageCounts,
    QuietRow,
    Row,
    Seconds,
    Share,
    compare,
    compare_seconds,
    false_alarms,
    score,
    seconds_apart,
)
from benchmarks.evidence.trust import LEAST_MARKS, lower_ends
from psg.events import detect_events
from psg.events.registry import EVENT_KINDS

LEAST_OVERLAP = {"spindle": 0.2}
"""Share of the union from which on spindles match, as in `data/README.md`; others: any overlap."""

BY_SECONDS = frozenset({"alpha"})
RHYTHMS = frozenset(kind.id for kind in EVENT_KINDS if kind.is_rhythm)

_GROUPS = {
    **dict.fromkeys(DREAMS_NAMES, "dreams"),
    **dict.fromkeys(K_COMPLEX_NAMES, "k-complexes"),
    **dict.fromkeys(EPOCH_NAMES, "epochs"),
    **dict.fromkeys(N1_NAMES, "n1"),
    **dict.fromkeys(WHOLE_NAMES, "dreams-whole"),
}


Results = TypedDict(
    "Results",
    {
        "marks": list[Row],
        "no events": list[QuietRow],
        "lower ends": dict[str, tuple[float, float]],
        "seconds errors": dict[str, float],
    },
)


def detected(name: str) -> dict[str, Spans]:
    """Our events of a recording by kind."""
    return _detected(recording(name).name)


@cache
def _detected(name: str) -> dict[str, Spans]:
    events = detect_events(recording(name).night)
    return {
        kind: spans_of([(event.start_s, event.end_s) for event in same])
        for kind, same in events.items()
    }


@cache
def by_yasa(name: str, kind: str) -> Spans:
    return PEERS[kind](recording(name))


def measure() -> Results:
    all_readings = readings()
    marked = [reading for reading in all_readings if _has_marks(reading, all_readings)]
    quiet = [reading for reading in all_readings if reading not in marked]
    rows = list(_rows(with_either(marked)))
    ends = lower_ends(rows)
    return {
        "marks": rows,
        "no events": list(_quiet_rows(quiet)),
        "lower ends": ends,
        "seconds errors": seconds_errors(marked, RHYTHMS & set(ends)),
    }


def _has_marks(reading: Reading, others: Iterable[Reading]) -> bool:
    """Whether any reader marked something of the kind in these recordings."""
    return any(
        len(other.marks)
        for other in others
        if (_group(other), other.kind) == (_group(reading), reading.kind)
    )


def _group(reading: Reading) -> str:
    return _GROUPS.get(reading.recording, reading.recording)


def with_either(marked: list[Reading]) -> list[Reading]:
    """Add a reading that joins both, where two experts read a recording."""
    joined = []
    for first in marked:
        for second in marked:
            if _same(first, second) and "expert" in first.reader and first.reader < second.reader:
                both = union(first.marks, second.marks)
                joined.append(Reading(first.recording, first.kind, EITHER, both, first.read))
    return [*marked, *joined]


def _same(first: Reading, second: Reading) -> bool:
    return (first.recording, first.kind) == (second.recording, second.kind)


def _rows(marked: list[Reading]) -> Iterable[Row]:
    groups: dict[tuple[str, str, str], list[Reading]] = {}
    for reading in marked:
        groups.setdefault((reading.kind, _group(reading), reading.reader), []).append(reading)
    for (kind, group, reader), parts in groups.items():
        others = [name for k, g, name in groups if (k, g) == (kind, group)]
        for name in _compared(kind, reader, others):
            pages = [counted(part, _events(name, part, marked)) for part in parts]
            yield Row(
                kind=kind,
                recordings=group,
                reference=reader,
                compared=name,
                score=score(sum(pages[1:], start=pages[0])),
            )


def seconds_errors(marked: list[Reading], kinds: Collection[str]) -> dict[str, float]:
    """The error of the seconds that a kind fills in 30 s, by the reader with whom it is largest.

    The root of the mean square of the pages that have some, of readings with enough marks.
    """
    groups: dict[tuple[str, str, str], list[Reading]] = {}
    for reading in marked:
        if reading.kind in kinds:
            key = (reading.kind, _group(reading), reading.reader)
            groups.setdefault(key, []).append(reading)
    errors: dict[str, float] = {}
    for (kind, _, _), parts in groups.items():
        if sum(len(part.marks) for part in parts) >= LEAST_MARKS:
            apart_s = np.concatenate([_seconds_apart(part) for part in parts])
            error_s = round(float(np.sqrt(np.square(apart_s).mean())), 2)
            errors[kind] = max(errors.get(kind, 0.0), error_s)
    return errors


def _seconds_apart(part: Reading) -> Seconds:
    found = detected(part.recording)[part.kind]
    return seconds_apart(found, part.marks, part.doubtful, part.read)


def _compared(kind: str, reader: str, readers: list[str]) -> list[str]:
    """Who is compared with a reader: our detector, yasa's, and the other readers."""
    people = [] if reader == EITHER else [name for name in readers if name not in (reader, EITHER)]
    return ["ours", *(["yasa"] if kind in PEERS else []), *people]


def _events(name: str, part: Reading, marked: list[Reading]) -> Reading:
    """What somebody found where a reader read."""
    if name == "ours":
        return replace(part, marks=detected(part.recording)[part.kind], doubtful=spans_of([]))
    if name == "yasa":
        return replace(part, marks=by_yasa(part.recording, part.kind), doubtful=spans_of([]))
    return next(other for other in marked if _same(other, part) and other.reader == name)


def pages_of(part: Reading, events: Spans) -> PageCounts:
    """Count hits of events on the marks of a reading, page by page."""
    return counted(part, replace(part, marks=events, doubtful=spans_of([])))


def counted(part: Reading, found: Reading) -> PageCounts:
    """Count hits of what was found on the marks of a reading, where both looked."""
    read = common(part.read, found.read)
    doubts = {"doubtful": part.doubtful, "doubtful_detected": found.doubtful}
    if part.kind in BY_SECONDS:
        return compare_seconds(found.marks, part.marks, read, **doubts)
    least = LEAST_OVERLAP.get(part.kind, 0.0)
    return compare(found.marks, part.marks, read, least_overlap=least, **doubts)


def _quiet_rows(quiet: list[Reading]) -> Iterable[QuietRow]:
    groups: dict[tuple[str, str], dict[str, Reading]] = {}
    for reading in quiet:
        parts = groups.setdefault((reading.kind, _group(reading)), {})
        parts.setdefault(reading.recording, reading)
    for (kind, group), parts in groups.items():
        for name in _compared(kind, "", []):
            found = [
                (_events(name, part, []).marks, part.read, part.doubtful) for part in parts.values()
            ]
            yield QuietRow(
                kind=kind, recordings=group, compared=name, false_alarms=false_alarms(found)
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    results = measure()
    if arguments.json:
        print(json.dumps(results))
    else:
        _print(results)


def _print(results: Results) -> None:
    for row in results["marks"]:
        measured = row["score"]
        shares = {name: measured[name] for name in ("precision", "recall", "f1")}
        figures = "  ".join(f"{name} {_share(share)}" for name, share in shares.items())
        head = f"{row['kind']:11} {row['recordings']:12} {row['compared']:10}"
        counts = f"marks {measured['marks']:4}  detected {measured['detected']:4}"
        print(f"{head} by {row['reference']:10} {counts}  {figures}")
    print("\nWhere no event is: detected, an hour (at most, 95 %)")
    for quiet in results["no events"]:
        rate = quiet["false_alarms"]
        print(
            f"{quiet['kind']:12} {quiet['recordings']:12} {quiet['compared']:5} "
            f"{rate['minutes']:5} min {rate['detected']:4}  "
            f"{rate['per_hour']} ({rate['per_hour_at_most']})"
        )
    print(f"\nLower ends that verdicts rest on ({LEAST_MARKS} marks or more, two readings)")
    for kind, (precision, recall) in results["lower ends"].items():
        error_s = results["seconds errors"].get(kind)
        seconds = "" if error_s is None else f"  seconds filled in 30 s +- {error_s:.1f}"
        print(f"{kind:12} precision {precision:.2f}  recall {recall:.2f}{seconds}")


def _share(share: Share) -> str:
    if share["value"] is None:
        return "-"
    return f"{share['value']:.2f} ({share['low']:.2f}-{share['high']:.2f})"


if __name__ == "__main__":
    main()
