"""Numbers, times and lists as a scorer writes them."""

from __future__ import annotations

from collections.abc import Sequence

from psg.events import Event

MOST_TIMES = 4
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def count_of(count: int, noun: str) -> str:
    """``no spindle``, ``one spindle``, ``two spindles``, ``12 spindles``."""
    number = _WORDS[count] if count < len(_WORDS) else str(count)
    return f"{number} {noun}" if count < 2 else f"{number} {plural(noun)}"


def plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith("x") else f"{noun}s"


def seconds(value_s: float) -> str:
    return f"{value_s:.1f} s"


def joined(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def times_of(events: Sequence[Event]) -> str:
    """Start times: ``at 3.1 s``, ``at 3.1, 7.9 and 15.2 s``, with a count of those left out."""
    starts = [f"{event.start_s:.1f}" for event in events[:MOST_TIMES]]
    rest = len(events) - len(starts)
    if rest:
        return f"at {', '.join(starts)} s and {rest} more"
    return f"at {joined(starts)} s"


def spans_of(events: Sequence[Event]) -> str:
    """Stretches: ``0.0-12.1 s and 14.0-23.3 s``."""
    spans = [f"{event.start_s:.1f}-{event.end_s:.1f} s" for event in events[:MOST_TIMES]]
    rest = len(events) - len(spans)
    return joined([*spans, f"{rest} more"] if rest else spans)


def sizes_of(events: Sequence[Event]) -> str:
    """Peak-to-peak amplitude of one event, or the range over several."""
    sizes = [event.peak_to_peak_uv for event in events if event.peak_to_peak_uv is not None]
    return _range(sizes, "{:.0f}", "µV")


def frequencies_of(events: Sequence[Event]) -> str:
    pitches = [event.frequency_hz for event in events if event.frequency_hz is not None]
    return _range(pitches, "{:.1f}", "Hz")


def sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _range(values: Sequence[float], form: str, unit: str) -> str:
    if not values:
        return ""
    low, high = form.format(min(values)), form.format(max(values))
    return f"{low} {unit}" if low == high else f"{low}-{high} {unit}"
