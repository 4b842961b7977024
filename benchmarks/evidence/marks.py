"""Marks of readers: stretches of a kind of event, and the stretches that were read for it.

Marks of experts are read from the sources beside the signals, since their licences do not allow
us to pass them on. Marks of our own lie in ``marks/``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from benchmarks.evidence.recordings import (
    DREAMS,
    DREAMS_NAMES,
    K_COMPLEX_NAMES,
    k_complex_file,
    recording,
)

Spans = NDArray[np.float64]
"""Starts and ends in seconds from the start of the recording, (n, 2), in order of time."""
OWN = Path(__file__).with_name("marks")

SHAPED_ALIKE = {"slow_wave": "k_complex"}
"""A K complex has the shape of a slow wave, and whether it counts as one is not defined."""


@dataclass(frozen=True)
class Reading:
    """What a reader marked as a kind of event in a recording.

    ``read`` holds the stretches that were read: only there is something unmarked no event.
    ``doubtful`` holds what the reader could not decide: neither an event nor none.
    """

    recording: str
    kind: str
    reader: str
    marks: Spans
    read: Spans
    doubtful: Spans = field(default_factory=lambda: spans_of([]))


def readings() -> list[Reading]:
    """All readings, of experts and our own."""
    return [*_dreams(), *_k_complexes(), *_own()]


def inside(spans: Spans, read: Spans) -> Spans:
    """The spans whose middle lies in a stretch that was read."""
    middles = spans.mean(axis=1)
    within = [(middles >= start) & (middles < end) for start, end in read]
    return spans[np.any(within, axis=0)] if within else spans[:0]


def spans_of(rows: list[tuple[float, float]]) -> Spans:
    return np.array(sorted(rows), dtype=np.float64).reshape(-1, 2)


def common(first: Spans, second: Spans) -> Spans:
    """The stretches that both hold."""
    starts = np.maximum(first[:, None, 0], second[:, 0]).ravel()
    ends = np.minimum(first[:, None, 1], second[:, 1]).ravel()
    return spans_of([(start, end) for start, end in zip(starts, ends, strict=True) if end > start])


def union(first: Spans, second: Spans) -> Spans:
    """Join overlapping spans of two readers."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted([*map(tuple, first), *map(tuple, second)]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return spans_of(joined)


def _dreams() -> Iterator[Reading]:
    for name in DREAMS_NAMES:
        for expert in (1, 2):
            path = DREAMS / f"Visual_scoring{expert}_{name.removeprefix('dreams-')}.txt"
            onset_s, duration_s = np.loadtxt(path, skiprows=1, ndmin=2).T
            marks = np.stack([onset_s, onset_s + duration_s], axis=1)
            whole = spans_of([(0.0, recording(name).duration_s)])
            yield Reading(name, "spindle", f"expert {expert}", marks, whole)


def _k_complexes() -> Iterator[Reading]:
    """The source keeps the samples that experts marked and blanks the others."""
    for name in K_COMPLEX_NAMES:
        stored = loadmat(k_complex_file(name))
        marked = np.isfinite(stored["x_ex3"].ravel()).astype(int)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], marked, [0]])))
        marks = edges.reshape(-1, 2) / float(stored["fs"].item())
        whole = spans_of([(0.0, recording(name).duration_s)])
        yield Reading(name, "k_complex", "experts", marks, whole)


def _own() -> Iterator[Reading]:
    """Rows of `read.csv` name what was read; a stretch read without marks holds no event."""
    sure, unsure = (_by_reading(OWN / "marks.csv", sure=word) for word in ("yes", "no"))
    for key, read in _by_reading(OWN / "read.csv").items():
        name, kind, reader = key
        alike = (name, SHAPED_ALIKE.get(kind, ""), reader)
        doubtful = [*unsure.get(key, []), *sure.get(alike, []), *unsure.get(alike, [])]
        yield Reading(
            name, kind, reader, spans_of(sure.get(key, [])), spans_of(read), spans_of(doubtful)
        )


def _by_reading(
    path: Path, *, sure: str | None = None
) -> dict[tuple[str, str, str], list[tuple[float, float]]]:
    rows: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if sure is None or row["sure"] == sure:
                key = (row["recording"], row["kind"], row["reader"])
                rows.setdefault(key, []).append((float(row["start_s"]), float(row["end_s"])))
    return rows
