"""Detected events against marks: precision, recall and F1 with 95 % intervals.

A detection and a mark match when they share enough of their union, each at most once, the best
matches first. So a movement that is detected as two halves counts as one hit and one false event.
A rhythm that goes on for seconds is compared second by second instead. What a reader was not sure
of counts on neither side: an event there is neither wrong nor a hit.
Intervals of F1 come from a bootstrap over pages of 30 s. Those of precision and recall reach as far
as the bootstrap and Wilson's interval (1927, J Am Stat Assoc 22:209) together, since the bootstrap
of few events is too narrow. No interval tells how figures differ between people: these are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from benchmarks.evidence.marks import Spans, inside

PAGE_S = 30.0
REPLICATES = 2000
EITHER = "either"
"""The reading that joins those of two experts."""
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


class Row(TypedDict):
    kind: str
    recordings: str
    reference: str
    compared: str
    score: Score


class QuietRow(TypedDict):
    kind: str
    recordings: str
    compared: str
    false_alarms: FalseAlarms


Seconds = NDArray[np.float64]


@dataclass(frozen=True)
class PageCounts:
    """Hits, detections and marks of each page; (n_pages, 3)."""

    counts: NDArray[np.int64]

    def __add__(self, other: PageCounts) -> PageCounts:
        return PageCounts(np.concatenate([self.counts, other.counts]))


NOTHING: Spans = np.empty((0, 2))


def compare(
    detected: Spans,
    marks: Spans,
    read: Spans,
    *,
    least_overlap: float,
    doubtful: Spans = NOTHING,
    doubtful_detected: Spans = NOTHING,
) -> PageCounts:
    """Count hits, detections and marks of each page of the stretches that were read.

    Parameters
    ----------
    least_overlap
        Share of the union of a detection and a mark from which on they match; with 0 any overlap.
    doubtful, doubtful_detected
        What the reader, and who is compared with him, were not sure of.
    """
    detected, marks = inside(detected, read), inside(marks, read)
    used, matched = _matches(detected, marks, least_overlap)
    detected = detected[used | ~_meets(detected, doubtful)]
    all_marks = marks[matched | ~_meets(marks, doubtful_detected)]
    first, last = _pages(read)
    counts = np.zeros((last - first, 3), dtype=np.int64)
    for column, spans in enumerate((marks[matched], detected, all_marks)):
        np.add.at(counts[:, column], (spans.mean(axis=1) // PAGE_S).astype(int) - first, 1)
    return PageCounts(counts[_were_read(read, first, last - first)])


def compare_seconds(
    detected: Spans,
    marks: Spans,
    read: Spans,
    *,
    doubtful: Spans = NOTHING,
    doubtful_detected: Spans = NOTHING,
) -> PageCounts:
    """Count seconds instead of events: those that lie in both, in detections and in marks."""
    first, last = _pages(read)
    middles = PAGE_S * first + 0.5 + np.arange(round(PAGE_S * (last - first)))
    counted = _covers(read, middles)
    counted &= ~_covers(doubtful, middles) & ~_covers(doubtful_detected, middles)
    found, marked = (_covers(spans, middles) & counted for spans in (detected, marks))
    counts = np.stack([found & marked, found, marked], axis=1).astype(np.int64)
    pages = counts.reshape(last - first, -1, 3).sum(axis=1)
    return PageCounts(pages[_were_read(read, first, last - first)])


def seconds_apart(detected: Spans, marks: Spans, doubtful: Spans, read: Spans) -> Seconds:
    """By how much the seconds detected exceed those marked, in each page that has some; (n,).

    Seconds of which a reader was not sure count half.
    """
    first, last = _pages(read)
    middles = PAGE_S * first + np.arange(0.05, PAGE_S * (last - first), 0.1)
    inside_read = _covers(read, middles)
    found, sure = (_covers(spans, middles) & inside_read for spans in (detected, marks))
    unsure = _covers(doubtful, middles) & inside_read & ~sure
    filled = np.stack([found, sure, unsure]).reshape(3, last - first, -1).sum(axis=2) / 10
    apart = filled[0] - filled[1] - filled[2] / 2
    return np.asarray(apart[filled.any(axis=0) & _were_read(read, first, last - first)])


def _covers(spans: Spans, times_s: NDArray[np.floating]) -> NDArray[np.bool_]:
    within = (times_s >= spans[:, :1]) & (times_s < spans[:, 1:])
    return np.asarray(within.any(axis=0))


def _meets(spans: Spans, others: Spans) -> NDArray[np.bool_]:
    """Return which spans share with another the middle of one of them; (n_spans,)."""
    own, other = spans.mean(axis=1)[:, None], others.mean(axis=1)
    holds = (other >= spans[:, :1]) & (other < spans[:, 1:])
    held = (own >= others[:, 0]) & (own < others[:, 1])
    return np.asarray((holds | held).any(axis=1))


def _pages(read: Spans) -> tuple[int, int]:
    return int(read[:, 0].min() // PAGE_S), int(np.ceil(read[:, 1].max() / PAGE_S))


def _were_read(read: Spans, first: int, pages: int) -> NDArray[np.bool_]:
    starts = PAGE_S * (first + np.arange(pages))
    touched = [(starts < end) & (starts + PAGE_S > start) for start, end in read]
    return np.asarray(np.any(touched, axis=0))


def _matches(
    detected: Spans, marks: Spans, least_overlap: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which detections have a mark, and which marks a detection."""
    used, matched = np.zeros(len(detected), dtype=bool), np.zeros(len(marks), dtype=bool)
    if not len(detected) or not len(marks):
        return used, matched
    shared = np.minimum(detected[:, None, 1], marks[:, 1]) - np.maximum(
        detected[:, None, 0], marks[:, 0]
    )
    whole = np.maximum(detected[:, None, 1], marks[:, 1]) - np.minimum(
        detected[:, None, 0], marks[:, 0]
    )
    overlap = np.where(shared > 0, shared / whole, -1.0)
    for place in np.argsort(-overlap, axis=None):
        event, mark = np.unravel_index(place, overlap.shape)
        if overlap[event, mark] < max(least_overlap, 0.0):
            break
        if not used[event] and not matched[mark]:
            used[event] = matched[mark] = True
    return used, matched


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


def false_alarms(parts: Sequence[tuple[Spans, Spans, Spans]]) -> FalseAlarms:
    """Rate of detections in stretches without any event.

    Parameters
    ----------
    parts
        Of each recording: what was detected, what was read, and what the reader was not sure of.
    """
    count, minutes = 0, 0.0
    for detected, read, doubtful in parts:
        wrong = inside(detected, read)
        count += int((~_meets(wrong, doubtful)).sum())
        minutes += float((read[:, 1] - read[:, 0]).sum() / 60)
    return {
        "minutes": round(minutes, 1),
        "detected": count,
        "per_hour": round(60 * count / minutes, 1),
        "per_hour_at_most": round(60 * float(chi2.ppf(0.975, 2 * count + 2) / 2) / minutes, 1),
    }
