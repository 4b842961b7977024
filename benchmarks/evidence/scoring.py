"""Detected events against marks: precision, recall and F1 with 95 % intervals.

A detection and a mark match when they share enough of their union, each at most once, the best
matches first. So a movement that is detected as two halves counts as one hit and one false event.
Intervals of F1 come from a bootstrap over pages of 30 s. Those of precision and recall reach as far
as the bootstrap and Wilson's interval (1927, J Am Stat Assoc 22:209) together, since the bootstrap
of few events is too narrow. No interval tells how figures differ between people: these are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from benchmarks.evidence.marks import Spans, inside

PAGE_S = 30.0
REPLICATES = 2000
Z = 1.96


class Share(TypedDict):
    """A share with the ends of its 95 % interval; None where nothing was counted."""

    value: float | None
    low: float | None
    high: float | None


class Score(TypedDict):
    marks: int
    detected: int
    hits: int
    pages: int
    precision: Share
    recall: Share
    f1: Share


class FalseAlarms(TypedDict):
    """Detections where no event is, with the upper end of the exact 95 % Poisson interval."""

    minutes: float
    detected: int
    per_hour: float
    per_hour_at_most: float


@dataclass(frozen=True)
class PageCounts:
    """Hits, detections and marks of each page; (n_pages, 3)."""

    counts: NDArray[np.int64]

    def __add__(self, other: PageCounts) -> PageCounts:
        return PageCounts(np.concatenate([self.counts, other.counts]))


def compare(detected: Spans, marks: Spans, read: Spans, *, least_overlap: float) -> PageCounts:
    """Count hits, detections and marks of each page of the stretches that were read.

    Parameters
    ----------
    least_overlap
        Share of the union of a detection and a mark from which on they match; with 0 any overlap.
    """
    detected, marks = inside(detected, read), inside(marks, read)
    matched = _matches(detected, marks, least_overlap)
    first = int(read[:, 0].min() // PAGE_S)
    pages = int(np.ceil(read[:, 1].max() / PAGE_S)) - first
    counts = np.zeros((pages, 3), dtype=np.int64)
    for column, spans in enumerate((marks[matched], detected, marks)):
        np.add.at(counts[:, column], (spans.mean(axis=1) // PAGE_S).astype(int) - first, 1)
    return PageCounts(counts[_were_read(read, first, pages)])


def _were_read(read: Spans, first: int, pages: int) -> NDArray[np.bool_]:
    starts = PAGE_S * (first + np.arange(pages))
    touched = [(starts < end) & (starts + PAGE_S > start) for start, end in read]
    return np.asarray(np.any(touched, axis=0))


def _matches(detected: Spans, marks: Spans, least_overlap: float) -> NDArray[np.bool_]:
    """Return which marks have a detection; (n_marks,)."""
    matched = np.zeros(len(marks), dtype=bool)
    if not len(detected) or not len(marks):
        return matched
    shared = np.minimum(detected[:, None, 1], marks[:, 1]) - np.maximum(
        detected[:, None, 0], marks[:, 0]
    )
    whole = np.maximum(detected[:, None, 1], marks[:, 1]) - np.minimum(
        detected[:, None, 0], marks[:, 0]
    )
    overlap = np.where(shared > 0, shared / whole, -1.0)
    used = np.zeros(len(detected), dtype=bool)
    for place in np.argsort(-overlap, axis=None):
        event, mark = np.unravel_index(place, overlap.shape)
        if overlap[event, mark] < max(least_overlap, 0.0):
            break
        if not used[event] and not matched[mark]:
            used[event] = matched[mark] = True
    return matched


def score(pages: PageCounts, *, seed: int = 0) -> Score:
    """Precision, recall and F1 over all pages, with bootstrap intervals."""
    counts = pages.counts
    draws = np.random.default_rng(seed).multinomial(
        len(counts), [1 / len(counts)] * len(counts), size=REPLICATES
    )
    replicates = draws @ counts
    hits, detected, marks = (int(number) for number in counts.sum(axis=0))
    return {
        "marks": marks,
        "detected": detected,
        "hits": hits,
        "pages": len(counts),
        "precision": _widened(_share(hits, detected, replicates[:, 0], replicates[:, 1]), detected),
        "recall": _widened(_share(hits, marks, replicates[:, 0], replicates[:, 2]), marks),
        "f1": _share(2 * hits, detected + marks, 2 * replicates[:, 0], replicates[:, 1:].sum(1)),
    }


def _share(part: int, whole: int, parts: NDArray[np.int64], wholes: NDArray[np.int64]) -> Share:
    if not whole:
        return {"value": None, "low": None, "high": None}
    drawn = parts[wholes > 0] / wholes[wholes > 0]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return {
        "value": round(part / whole, 3),
        "low": round(float(low), 3),
        "high": round(float(high), 3),
    }


def _widened(share: Share, count: int) -> Share:
    """Widen an interval to Wilson's for so many events."""
    if share["value"] is None or share["low"] is None or share["high"] is None:
        return share
    part, square = share["value"], Z**2 / count
    middle = (part + square / 2) / (1 + square)
    half = Z * np.sqrt(part * (1 - part) / count + square / (4 * count)) / (1 + square)
    return {
        "value": part,
        "low": round(min(share["low"], max(float(middle - half), 0.0)), 3),
        "high": round(max(share["high"], min(float(middle + half), 1.0)), 3),
    }


def false_alarms(detected: Spans, read: Spans) -> FalseAlarms:
    """Rate of detections in stretches without any event."""
    count = len(inside(detected, read))
    minutes = float((read[:, 1] - read[:, 0]).sum() / 60)
    return {
        "minutes": round(minutes, 1),
        "detected": count,
        "per_hour": round(60 * count / minutes, 1),
        "per_hour_at_most": round(60 * float(chi2.ppf(0.975, 2 * count + 2) / 2) / minutes, 1),
    }
