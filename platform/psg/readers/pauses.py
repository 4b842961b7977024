"""Interruptions of a recording whose file holds the pieces end to end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.clockkind import JOINED_NOTE
from psg.edf.annotations import Gap
from psg.edf.channels import Channel

_MOST_LISTED = 10

ReadSamples = Callable[[Channel, int, int], NDArray[Any]]
"""Reads samples of a channel, from the first to before the last of the numbers given."""


@dataclass(frozen=True)
class Pause:
    """A stretch that was not recorded: its place among what was, and its length."""

    at_s: float
    length_s: float


def whole_pause(at_sample: int, length_s: float, sfreq_hz: float) -> Pause:
    """Return a pause of whole samples, so that pieces and gaps fit together."""
    return Pause(at_sample / sfreq_hz, round(length_s * sfreq_hz) / sfreq_hz)


def gaps_of(pauses: Sequence[Pause]) -> tuple[Gap, ...]:
    """Place pauses, in the order of their times, on the clock."""
    gaps, shift_s = [], 0.0
    for pause in pauses:
        start_s = pause.at_s + shift_s
        gaps.append(Gap(start_s, start_s + pause.length_s))
        shift_s += pause.length_s
    return tuple(gaps)


def on_the_clock(time_s: float, pauses: Sequence[Pause]) -> float:
    """Turn a time among what was recorded into one since the start."""
    return time_s + sum(pause.length_s for pause in pauses if pause.at_s <= time_s)


def joins_note(joins_s: Sequence[float]) -> str:
    """Tell of pieces that were joined without a word about what is missing between them."""
    places = ", ".join(f"{at_s:g} s" for at_s in joins_s[:_MOST_LISTED])
    more = len(joins_s) - _MOST_LISTED
    return (
        f"{JOINED_NOTE} {places}{f' and {more} more' * (more > 0)}; the"
        " file does not say how long the interruption was. Epochs are counted without it, and no"
        " time of day is given."
    )


def with_gaps(read: ReadSamples, gaps: Sequence[Gap]) -> ReadSamples:
    """Read samples by their place on the clock, with 0 where nothing was recorded."""

    def read_on_the_clock(channel: Channel, first: int, stop: int) -> NDArray[Any]:
        begins, ends = (
            np.rint(np.array(times_s) * channel.sfreq_hz).astype(np.int64)
            for times_s in ([gap.start_s for gap in gaps], [gap.end_s for gap in gaps])
        )
        passed = int(np.searchsorted(ends, first, side="right"))
        reached = int(np.searchsorted(begins, stop))
        missing = int((ends - begins)[:passed].sum())
        samples = np.zeros(stop - first, dtype=read(channel, 0, 0).dtype)
        place = first
        for gap in range(passed, reached):
            begin, end = max(int(begins[gap]), first), int(ends[gap])
            samples[place - first : begin - first] = read(channel, place - missing, begin - missing)
            missing += end - int(begins[gap])
            place = min(end, stop)
        if place < stop:
            samples[place - first :] = read(channel, place - missing, stop - missing)
        return samples

    return read_on_the_clock
