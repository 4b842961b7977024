"""Times of day as people type them, against the clock of a recording."""

from __future__ import annotations

import re

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
