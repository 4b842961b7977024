"""The true course of the stages in continuous time.

The stage process: phases of a night, and within each phase a semi-Markov chain of stages.

Phases give a night its architecture: cycles of about 90 minutes with deep sleep early and REM
sleep late (Feinberg and Floyd 1979, Psychophysiology 16:283; Carskadon and Dement in Kryger,
Principles and Practice of Sleep Medicine). Within a phase the next stage and the length of the
stay are drawn from a table. Stays are log-normal: most wakings are short and a few are long.
The table is set so that a night has some 10 to 20 stage changes an hour when read in 30-s
epochs, that W in the middle of the night lasts about a minute at the median, N1 a minute,
N2 four, N3 three and R seven, and that sleep leaves N3 and R mostly for N2, N1 or W.
Stage changes fall anywhere, not on epoch borders.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from psg.simulate.draws import FloatArray, clipped_normal, lognormal
from psg.simulate.subject import SimulatedSubject
from psg.stages import STAGES, Stage


@dataclass(frozen=True)
class StageRun:
    """An unbroken stay in a stage; seconds from the start of the recording."""

    stage: Stage
    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """Length of the stay in seconds."""
        return self.end_s - self.start_s


class StageTimeline:
    """Stage runs that cover a recording without gaps, for looking up many times at once.

    Attributes
    ----------
    runs
        In order of time; each ends where the next begins.
    starts_s, codes
        The same as arrays, shape (n_runs,); codes as in :data:`psg.stages.STAGES`.
    """

    def __init__(self, runs: Sequence[StageRun]) -> None:
        self.runs = tuple(runs)
        self.starts_s: FloatArray = np.array([run.start_s for run in runs])
        self.codes: NDArray[np.int8] = np.array(
            [STAGES.index(run.stage) for run in runs], dtype=np.int8
        )
        self.end_s = runs[-1].end_s

    def codes_at(self, times_s: FloatArray) -> NDArray[np.int8]:
        """Stage codes at these times; shape as ``times_s``."""
        places = np.searchsorted(self.starts_s, times_s, side="right") - 1
        return self.codes[np.clip(places, 0, len(self.codes) - 1)]

    def stage_at(self, time_s: float) -> Stage:
        """Stage at a time."""
        return STAGES[int(self.codes_at(np.array([time_s]))[0])]

    def runs_of(self, *stages: Stage) -> list[StageRun]:
        """Runs in any of these stages, in order of time."""
        return [run for run in self.runs if run.stage in stages]

    def shares(self, start_s: float, end_s: float) -> FloatArray:
        """Share of a stretch of time spent in each stage; shape (5,), sums to 1."""
        edges = np.concatenate([[start_s], self.starts_s[self._inside(start_s, end_s)], [end_s]])
        lengths = np.diff(edges)
        shares = np.zeros(len(STAGES))
        np.add.at(shares, self.codes_at(edges[:-1]), lengths)
        return shares / lengths.sum()

    def _inside(self, start_s: float, end_s: float) -> slice:
        first = np.searchsorted(self.starts_s, start_s, side="right")
        last = np.searchsorted(self.starts_s, end_s, side="left")
        return slice(int(first), int(last))


W, N1, N2, N3, R = Stage

SHORTEST_STAY_S = 4.0


@dataclass(frozen=True)
class Stay:
    """How long a stage is held within a phase, and which stage follows."""

    median_s: float
    sigma: float
    followed_by: Mapping[Stage, float]


@dataclass(frozen=True)
class CyclePhase:
    """A part of the night with its own chain; ``entry`` is the stage it starts in."""

    entry: Stage
    stays: Mapping[Stage, Stay]


@dataclass(frozen=True)
class StageProcess:
    """The phases of a night, and minutes of deep and of REM sleep in cycles 1 to 6."""

    wakeful: CyclePhase
    falling_asleep: CyclePhase
    light: CyclePhase
    deep: CyclePhase
    rem: CyclePhase
    deep_min_by_cycle: Sequence[float]
    rem_min_by_cycle: Sequence[float]


WAKEFUL = CyclePhase(W, {W: Stay(400, 0.6, {N1: 1.0}), N1: Stay(25, 0.5, {W: 1.0})})
FALLING_ASLEEP = CyclePhase(
    N1,
    {
        N1: Stay(75, 0.6, {N2: 0.65, W: 0.35}),
        W: Stay(30, 0.6, {N1: 1.0}),
        N2: Stay(150, 0.6, {N1: 0.6, W: 0.4}),
    },
)
LIGHT = CyclePhase(
    N2,
    {
        N2: Stay(400, 0.9, {N1: 0.5, W: 0.5}),
        N1: Stay(62, 0.7, {N2: 0.82, W: 0.18}),
        W: Stay(48, 1.1, {N1: 0.8, N2: 0.2}),
    },
)
DEEP = CyclePhase(
    N3,
    {
        N3: Stay(420, 0.9, {N2: 0.9, W: 0.07, N1: 0.03}),
        N2: Stay(75, 0.7, {N3: 0.95, W: 0.05}),
        N1: Stay(35, 0.5, {N2: 1.0}),
        W: Stay(22, 0.6, {N1: 0.6, N2: 0.4}),
    },
)
REM = CyclePhase(
    R,
    {
        R: Stay(600, 0.8, {W: 0.45, N1: 0.35, N2: 0.2}),
        N1: Stay(45, 0.6, {R: 0.75, N2: 0.15, W: 0.1}),
        N2: Stay(60, 0.6, {R: 0.9, N1: 0.1}),
        W: Stay(35, 1.0, {N1: 0.6, R: 0.4}),
    },
)


PLAIN = StageProcess(
    WAKEFUL,
    FALLING_ASLEEP,
    LIGHT,
    DEEP,
    REM,
    deep_min_by_cycle=(42.0, 32.0, 15.0, 6.0, 3.0, 0.0),
    rem_min_by_cycle=(10.0, 19.0, 26.0, 32.0, 34.0, 30.0),
)


def draw_timeline(
    rng: Generator, subject: SimulatedSubject, duration_s: float, process: StageProcess = PLAIN
) -> StageTimeline:
    """Draw the stages of a night that covers ``duration_s`` seconds from lights off."""
    runs: list[StageRun] = []
    now_s = 0.0
    for phase, length_s in _phases(rng, subject, process):
        now_s = _run_phase(rng, subject, phase, now_s, now_s + length_s, runs)
        if now_s >= duration_s:
            break
    return StageTimeline(_joined(runs, duration_s))


def _phases(
    rng: Generator, subject: SimulatedSubject, process: StageProcess
) -> Iterator[tuple[CyclePhase, float]]:
    """Yield phases with their lengths in seconds, as many as are needed."""
    yield process.wakeful, 60 * subject.sleep_latency_min
    cycle = 0
    while True:
        yield from _cycle(rng, subject, process, cycle)
        cycle += 1


def _cycle(
    rng: Generator, subject: SimulatedSubject, process: StageProcess, cycle: int
) -> Iterator[tuple[CyclePhase, float]]:
    place = min(cycle, len(process.deep_min_by_cycle) - 1)
    cycle_min = subject.cycle_min * lognormal(rng, 1.0, 0.08)
    deep_min = (
        process.deep_min_by_cycle[place] * subject.deep_sleep_share * lognormal(rng, 1.0, 0.2)
    )
    rem_min = process.rem_min_by_cycle[place] * lognormal(rng, 1.0, 0.25)
    light_min = max(cycle_min - deep_min - rem_min, 15.0)
    before = clipped_normal(rng, 0.28 if deep_min > 2 else 0.5, 0.08, 0.15, 0.7)
    if cycle == 0:
        yield process.falling_asleep, 60 * lognormal(rng, 3.5, 0.4)
    elif rng.random() < 0.35 * subject.fragmentation:
        yield process.wakeful, 60 * lognormal(rng, 4.0, 0.9)
        yield process.falling_asleep, 60 * lognormal(rng, 2.0, 0.4)
    yield process.light, 60 * light_min * before
    if deep_min > 2:
        yield process.deep, 60 * deep_min
    yield process.light, 60 * light_min * (1 - before)
    yield process.rem, 60 * rem_min


def _run_phase(
    rng: Generator,
    subject: SimulatedSubject,
    phase: CyclePhase,
    start_s: float,
    end_s: float,
    runs: list[StageRun],
) -> float:
    """Append the runs of a phase and return its end."""
    stage, now_s = phase.entry, start_s
    while now_s < end_s:
        stay = phase.stays[stage]
        scale = 1 / subject.fragmentation if stage in (N2, N3, R) else subject.fragmentation**0.5
        length_s = max(lognormal(rng, stay.median_s * scale, stay.sigma), SHORTEST_STAY_S)
        length_s = min(length_s, max(end_s - now_s, SHORTEST_STAY_S))
        runs.append(StageRun(stage, now_s, now_s + length_s))
        now_s += length_s
        followers = list(stay.followed_by)
        stage = followers[rng.choice(len(followers), p=np.array(list(stay.followed_by.values())))]
    return now_s


def _joined(runs: list[StageRun], duration_s: float) -> list[StageRun]:
    """Join neighbours of the same stage and cut the last run at the end of the recording."""
    joined: list[StageRun] = []
    for run in runs:
        if run.start_s >= duration_s:
            break
        end_s = min(run.end_s, duration_s)
        if joined and joined[-1].stage is run.stage:
            joined[-1] = StageRun(run.stage, joined[-1].start_s, end_s)
        else:
            joined.append(StageRun(run.stage, run.start_s, end_s))
    return joined
