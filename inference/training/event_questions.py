"""Questions of pre-training about the events of a simulated night: when, and what then.

Phase 1 as published asks for the features of every second. A small model answers that well without
knowing one second from another, since neighbouring seconds are alike. These questions cannot be
answered that way: at which second the first or the last wave of a kind starts, and which waves
start in a given second.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from inference.training.data.nights import LabelledNight
from inference.training.data.simulated import EpochEvents
from inference.training.errors import TrainingError
from psg.simulate import SimulatedEvent
from psg.stages import EPOCH_S

ASKED = {
    "spindle": "spindle",
    "k_complex": "K complex",
    "vertex_wave": "vertex wave",
    "sawtooth": "train of sawtooth waves",
    "rem": "rapid eye movement",
    "waking_rem": "rapid eye movement",
    "sem": "slow eye movement",
    "blink": "blink",
    "arousal": "arousal",
}
"""Noun of each kind of event that is asked for, as rationales name it."""
NOTHING = "nothing"
LAST_S = round(EPOCH_S) - 1


class NightEvents:
    """The events of a night that questions are about, by epoch."""

    def __init__(self, night: LabelledNight) -> None:
        if not night.is_simulated:
            raise TrainingError(
                "The events of this night are not known",
                where=night.recording,
                advice="Set events = 0 under [wpt], or train on simulated nights.",
            )
        self._inside: dict[int, list[SimulatedEvent]] = {}
        for event in night.events:
            if event.kind in ASKED:
                self._inside.setdefault(int(event.start_s // EPOCH_S), []).append(event)

    def seconds_of(self, epoch: int) -> dict[str, list[int]]:
        """Return the seconds in which events start, sorted, by noun."""
        here = EpochEvents(epoch * EPOCH_S, self._inside.get(epoch, ()))
        kinds_of: dict[str, list[str]] = {}
        for kind, noun in ASKED.items():
            kinds_of.setdefault(noun, []).append(kind)
        seconds = {
            noun: sorted({min(round(start), LAST_S) for start in here.starts(*kinds)})
            for noun, kinds in kinds_of.items()
        }
        return {noun: its for noun, its in seconds.items() if its}


@dataclass(frozen=True)
class When:
    """The question when the first or the last wave of a kind starts, and the right second."""

    noun: str
    is_first: bool
    second: int

    @property
    def label(self) -> str:
        return f"{'First' if self.is_first else 'Last'} {self.noun} at: "


def when_answer(second: int) -> str:
    return f"{second} s"


def when_questions(seconds_of: dict[str, list[int]]) -> list[When]:
    """Return all questions when something starts in an epoch, by noun, the first before the last.

    Parameters
    ----------
    seconds_of : dict of str to list of int
        As `NightEvents.seconds_of` returns them.
    """
    return [
        When(noun, is_first, seconds[0 if is_first else -1])
        for noun, seconds in sorted(seconds_of.items())
        for is_first in (True, False)
    ]


def event_question(seconds_of: dict[str, list[int]], rng: random.Random) -> tuple[str, str]:
    """Draw a question and return it with its answer.

    Where anything starts, two in three questions ask when; all others ask what starts in a second.
    """
    whens = when_questions(seconds_of)
    if whens and rng.random() < 2 / 3:
        when = rng.choice(whens)
        return when.label, when_answer(when.second)
    second = _second(seconds_of, rng)
    nouns = [noun for noun, its in sorted(seconds_of.items()) if second in its]
    return f"Second {second} starts: ", ", ".join(nouns) or NOTHING


def _second(seconds_of: dict[str, list[int]], rng: random.Random) -> int:
    """Draw a second; half of the time one in which something starts."""
    busy = sorted({second for its in seconds_of.values() for second in its})
    return rng.choice(busy) if busy and rng.random() < 1 / 2 else rng.randint(0, LAST_S)
