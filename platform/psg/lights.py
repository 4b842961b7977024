"""Lights off and lights on: the bounds of the time in bed, and times of day as people type them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from psg.errors import PsgError

_ENGLISH = re.compile(r"(?:lights?|l) ?(?P<word>off|out|on)")
# German, French, Spanish, Italian, Portuguese, Dutch; without accents.
_OFF = re.compile(
    r"licht(er)? aus(geschaltet)?|lumieres? eteintes?|extinction( des (lumieres|feux))?"
    r"|luz apagada|luces apagadas|luzes apagadas|luce spenta|luci spente|licht(en)? uit"
    r"|apaga(r|do de)( (las?|as?))? (luz|luces|luzes)"
    r"|spegnimento( (luce|luci))?"
)
_ON = re.compile(
    r"licht(er)? (an|ein)(geschaltet)?|lumieres? allumees?|allumage( des lumieres)?"
    r"|luz (encendida|acesa)|luces encendidas|luzes acesas|luce accesa|luci accese|licht(en)? aan"
    r"|(encender|encendido de|acender)( (las?|as?))? (luz|luces|luzes)"
    r"|accensione( (luce|luci))?"
)
# No text of a mark is longer.
_LONGEST = 60
_BETWEEN = re.compile(r"[\s_:-]+")


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
    words = _plain(text) if len(text) <= _LONGEST else ""
    english = _ENGLISH.fullmatch(words)
    if english:
        return "on" if english["word"] == "on" else "off"
    if _OFF.fullmatch(words):
        return "off"
    return "on" if _ON.fullmatch(words) else None


def _plain(text: str) -> str:
    """Drop case, accents, and marks between the words of a text."""
    parts = unicodedata.normalize("NFKD", text)
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    return _BETWEEN.sub(" ", letters.casefold()).strip(" .!")


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
_TYPED = re.compile(
    r"\s*(?:(?:day\s+)?(\d{1,2}),?\s+)?(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?\s*",
    re.IGNORECASE,
)


class AmbiguousTimeError(PsgError):
    """A time of day that a recording of more than a day has several times."""

    code = "ambiguous_time"


def second_at(
    text: str, *, start_clock_s: float, end_s: float | None = None, near_s: float | None = None
) -> float | None:
    """Seconds from the start of a recording to a time that a person typed.

    Parameters
    ----------
    text
        "22:41" or "22:41:30", with the day before it if the recording has that time on several
        days: "2 22:41:30" is on the day after the one on which the recording starts.
    start_clock_s
        Seconds after midnight at which the recording starts.
    end_s
        Length of the recording; None if it is certainly shorter than a day.
    near_s
        The mark that was there, in seconds from the start: of several days the nearest is meant.

    Returns
    -------
    float or None
        None for what is no time of the recording.

    Raises
    ------
    AmbiguousTimeError
        When no day is typed, the recording has this time on several days, and no mark was there.
    """
    match = _TYPED.fullmatch(text)
    if match is None or int(match[2]) > 23:
        return None
    day, *clock = match.groups(default="0")
    of_day_s = int(clock[0]) * 3600 + int(clock[1]) * 60 + float(clock[2])
    if match[1]:
        seconds = [(int(day) - 1) * DAY_S + of_day_s - start_clock_s]
    else:
        first_s = (of_day_s - start_clock_s) % DAY_S
        last_s = first_s if end_s is None else end_s
        seconds = [first_s + DAY_S * n for n in range(int((last_s - first_s) // DAY_S) + 1)]
    possible = [at_s for at_s in seconds if 0 <= at_s <= (end_s or at_s)]
    if len(possible) < 2:
        return possible[0] if possible else None
    return _nearest(possible, near_s, text, start_clock_s)


def _nearest(possible: list[float], near_s: float | None, text: str, start_clock_s: float) -> float:
    if near_s is not None:
        nearest, next_one = sorted(possible, key=lambda at_s: abs(at_s - near_s))[:2]
        if abs(nearest - near_s) < abs(next_one - near_s):
            return nearest
    days = [_day(start_clock_s + at_s) for at_s in possible]
    raise AmbiguousTimeError(
        f"The recording has {text.strip()} on days {days[0]} to {days[-1]}",
        advice=f"Enter the day before the time, such as {days[-1]} {text.strip()}.",
    )


def time_text(at_s: float, *, start_clock_s: float, end_s: float) -> str:
    """Write a time of a recording as 22:41:30; with its day if the recording has several."""
    clock_s = start_clock_s + at_s
    text = time_of_day(int(clock_s))
    return text if end_s < DAY_S else f"{_day(clock_s)} {text}"


def time_of_day(second: float) -> str:
    """Write seconds after midnight as 22:41:30."""
    minutes, seconds = divmod(round(second) % DAY_S, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


def _day(clock_s: float) -> int:
    """Count days from 1, the one on which the recording starts."""
    return int(clock_s // DAY_S) + 1
