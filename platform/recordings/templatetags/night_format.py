"""Template filters for durations and clock times of a recording."""

from django import template

from psg.lights import time_text
from recordings.models import Recording

register = template.Library()


@register.filter
def as_duration(seconds: float | None) -> str:
    """Write 28 680 s as “7 h 58 min”; durations under ten minutes with seconds."""
    if seconds is None:
        return "unknown"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 10:
        return f"{minutes} min {rest_s} s" if minutes else f"{rest_s} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


@register.filter
def as_clock(seconds: float | None) -> str:
    """Write seconds after midnight as 22:41:17."""
    if seconds is None:
        return "unknown"
    minutes, second = divmod(int(seconds) % 86_400, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"


@register.filter
def clock_in(mark_s: float | None, recording: Recording) -> str:
    """Write a mark of a recording, in seconds from its start, by the recording's clock."""
    if mark_s is None:
        return "not marked"
    return time_text(mark_s, start_clock_s=recording.start_clock_s or 0.0, end_s=recording.end_s)
