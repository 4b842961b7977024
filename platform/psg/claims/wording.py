"""Findings in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from psg.claims.claim import Range, Span
from psg.claims.detection import Detection
from psg.events import Event

_MOST_NAMED = 4


def counted(noun: str, count: int) -> str:
    """``one spindle``, ``3 spindles``; rhythms are not counted."""
    return f"one {noun}" if count == 1 else f"{count} {plural(noun)}"


def plural(noun: str) -> str:
    head, of, rest = noun.partition(" of ")
    return f"{head}{'es' if head.endswith('x') else 's'}{of}{rest}"


def some(detection: Detection, events: Sequence[Event]) -> str:
    """What was found and when: ``2 spindles at 3.1-3.9 and 12.0-12.8 s``."""
    name = detection.noun if detection.is_lasting else counted(detection.noun, len(events))
    return f"{name} at {when(events)}"


def when(events: Sequence[Event]) -> str:
    spans = [f"{event.start_s:.1f}-{event.end_s:.1f}" for event in events[:_MOST_NAMED]]
    rest = len(events) - len(spans)
    if rest:
        return f"{', '.join(spans)} s and {rest} more"
    return f"{', '.join(spans[:-1])} and {spans[-1]} s" if len(spans) > 1 else f"{spans[0]} s"


def at(spans: Sequence[Span]) -> str:
    """When the text says: ``at 12.3 s``, ``at 0-10 and 14-23 s``."""
    told = [
        f"{span.start_s:g}" if span.start_s == span.end_s else f"{span.start_s:g}-{span.end_s:g}"
        for span in spans
    ]
    return f"at {' and '.join(told)} s"


def said(wanted: Range, unit: str, factor: float = 1.0) -> str:
    """What the text asks for: ``13 Hz``, ``12-14 Hz``, ``above 75 µV``, ``about 50 %``."""
    low, high = wanted.low * factor, wanted.high * factor
    if wanted.high == inf:
        return f"at least {low:g} {unit}".rstrip()
    if wanted.low == -inf:
        return f"at most {high:g} {unit}".rstrip()
    value = f"{low:g}" if low == high else f"{low:g}-{high:g}"
    return f"{'about ' if wanted.about else ''}{value} {unit}".rstrip()


def first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
