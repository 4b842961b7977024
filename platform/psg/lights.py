"""Lights off and lights on: the bounds of the time in bed, and times of day as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

_TEXT = re.compile(r"\s*lights?[\s_:-]*(off|out|on)[.!]?\s*", re.IGNORECASE)


class Marked(Protocol):
    """Anything with a text at a place in the recording, such as an EDF+ annotation."""

    @property
    def onset_s(self) -> float: ...

    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Lights:
    """When the lights went off and on, in s from the start of the recording; None: no mark."""

    off_s: float | None = None
    on_s: float | None = None

    def over(self, other: Lights) -> Lights:
        """Give these marks, and those of `other` where these have none."""
        return Lights(
            off_s=other.off_s if self.off_s is None else self.off_s,
            on_s=other.on_s if self.on_s is None else self.on_s,
        )

    def problem(self, end_s: float) -> str:
        """Say why these cannot be marks of a recording of `end_s` seconds; "" where they can."""
        marks = [mark_s for mark_s in (self.off_s, self.on_s) if mark_s is not None]
        if not all(0 <= mark_s <= end_s for mark_s in marks):
            return "That is outside the recording."
        if self.off_s is not None and self.on_s is not None and self.on_s <= self.off_s:
            return "Lights on must come after lights off."
        return ""

    def after(self, origin_s: float) -> Lights:
        """Count from `origin_s` instead of the start of the recording."""
        return Lights(
            off_s=None if self.off_s is None else self.off_s - origin_s,
            on_s=None if self.on_s is None else self.on_s - origin_s,
        )


def lights_word(text: str) -> str | None:
    """Read "off" or "on" from a text of lights marks; None for any other text.

    Only whole texts count: other words around the mark may name a person.
    """
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    return "on" if match.group(1).lower() == "on" else "off"


def lights_of(annotations: Iterable[Marked]) -> Lights:
    """Find the marks of a night: the first lights off, and the last lights on after it.

    Everything between, such as a walk at night, is time in bed.
    """
    marks = [(mark.onset_s, lights_word(mark.text)) for mark in annotations]
    off_s = min((onset_s for onset_s, word in marks if word == "off"), default=None)
    after_s = 0.0 if off_s is None else off_s
    on_s = max((at_s for at_s, word in marks if word == "on" and at_s > after_s), default=None)
    return Lights(off_s, on_s)


# Times of day as people type them, against the clock of a recording.

DAY_S = 86_400
_TYPED = re.compile(r"\s*(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?\s*")


def second_at(text: str, *, start_clock_s: float) -> float | None:
    """Seconds from the start of a recording to the first such time after it; None if it is none.

    Parameters
    ----------
    text
        "22:41" or "22:41:30".
    start_clock_s
        Seconds after midnight at which the recording starts.
    """
    match = _TYPED.fullmatch(text)
    if match is None or int(match.group(1)) > 23:
        return None
    hours, minutes, seconds = match.groups(default="0")
    return (int(hours) * 3600 + int(minutes) * 60 + float(seconds) - start_clock_s) % DAY_S
