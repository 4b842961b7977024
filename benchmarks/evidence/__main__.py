"""Precision and recall of the detectors on marks of people in real recordings.

    python -m benchmarks.evidence [--json]

Each reading (an expert, or a reading of ours) is compared with our detector, with yasa's where it
has one, and with the other readers of the same recordings. The recordings lie in ``../shared/data``
and are not part of the project.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TypedDict

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "platform"))

from benchmarks.evidence.marks import Reading, Spans, readings, spans_of, union
from benchmarks.evidence.peers import PEERS
from benchmarks.evidence.recordings import DREAMS_NAMES, K_COMPLEX_NAMES, recording
from benchmarks.evidence.scoring import (
    FalseAlarms,
    PageCounts,
    Score,
    compare,
    false_alarms,
    score,
)
from psg.events import detect_events

LEAST_OVERLAP = {"spindle": 0.2}
"""Share of the union from which on spindles match, as in `data/README.md`; others: any overlap."""

EITHER = "either"
_GROUPS = {**dict.fromkeys(DREAMS_NAMES, "dreams"), **dict.fromkeys(K_COMPLEX_NAMES, "k-complexes")}


class Row(TypedDict):
    kind: str
    recordings: str
    reference: str
    compared: str
    score: Score


class QuietRow(TypedDict):
    kind: str
    recording: str
    compared: str
    false_alarms: FalseAlarms


@cache
def detected(name: str) -> dict[str, Spans]:
    """Our events of a recording by kind."""
    events = detect_events(recording(name).night)
    return {
        kind: spans_of([(event.start_s, event.end_s) for event in same])
        for kind, same in events.items()
    }


@cache
def by_yasa(name: str, kind: str) -> Spans:
    return PEERS[kind](recording(name))


def measure() -> dict[str, list[Row] | list[QuietRow]]:
    all_readings = readings()
    marked = [reading for reading in all_readings if _has_marks(reading, all_readings)]
    quiet = [reading for reading in all_readings if reading not in marked]
    return {"marks": list(_rows(with_either(marked))), "no events": list(_quiet_rows(quiet))}


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
            pages = [pages_of(part, _events(name, part, marked)) for part in parts]
            yield Row(
                kind=kind,
                recordings=group,
                reference=reader,
                compared=name,
                score=score(sum(pages[1:], start=pages[0])),
            )


def _compared(kind: str, reader: str, readers: list[str]) -> list[str]:
    """Who is compared with a reader: our detector, yasa's, and the other readers."""
    people = [] if reader == EITHER else [name for name in readers if name not in (reader, EITHER)]
    return ["ours", *(["yasa"] if kind in PEERS else []), *people]


def _events(name: str, part: Reading, marked: list[Reading]) -> Spans:
    if name == "ours":
        return detected(part.recording)[part.kind]
    if name == "yasa":
        return by_yasa(part.recording, part.kind)
    return next(other.marks for other in marked if _same(other, part) and other.reader == name)


def pages_of(part: Reading, events: Spans) -> PageCounts:
    """Count hits of events on the marks of a reading, page by page."""
    least = LEAST_OVERLAP.get(part.kind, 0.0)
    return compare(events, part.marks, part.read, least_overlap=least)


def _quiet_rows(quiet: list[Reading]) -> Iterable[QuietRow]:
    seen = set()
    for reading in quiet:
        if (reading.recording, reading.kind) in seen:
            continue
        seen.add((reading.recording, reading.kind))
        sources = {"ours": detected(reading.recording)[reading.kind]}
        if reading.kind in PEERS:
            sources["yasa"] = by_yasa(reading.recording, reading.kind)
        for name, events in sources.items():
            yield QuietRow(
                kind=reading.kind,
                recording=reading.recording,
                compared=name,
                false_alarms=false_alarms(events, reading.read),
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


def _print(results: dict) -> None:
    for row in results["marks"]:
        figures = "  ".join(f"{name} {_share(row['score'][name])}" for name in _FIGURES)
        head = f"{row['kind']:10} {row['recordings']:12} {row['compared']:10}"
        counts = f"marks {row['score']['marks']:4}  detected {row['score']['detected']:4}"
        print(f"{head} by {row['reference']:10} {counts}  {figures}")
    print("\nWhere no event is: detected, an hour (at most, 95 %)")
    for row in results["no events"]:
        rate = row["false_alarms"]
        print(
            f"{row['kind']:12} {row['recording']:12} {row['compared']:5} {rate['minutes']:5} min "
            f"{rate['detected']:4}  {rate['per_hour']} ({rate['per_hour_at_most']})"
        )


_FIGURES = ("precision", "recall", "f1")


def _share(share: dict) -> str:
    if share["value"] is None:
        return "-"
    return f"{share['value']:.2f} ({share['low']:.2f}-{share['high']:.2f})"


if __name__ == "__main__":
    main()
