"""The plan of a night: the state of the sleeper at every second, before any signal is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from psg.simulate.draws import FloatArray, lognormal, smooth_noise
from psg.simulate.stageprocess import StageRun, StageTimeline
from psg.simulate.subject import SimulatedSubject
from psg.stages import STAGES, Stage

# Depth of sleep that each stage tends to, as a share of the fullest slow-wave activity.
DEPTH = {Stage.W: 0.0, Stage.N1: 0.02, Stage.N2: 0.16, Stage.N3: 0.78, Stage.R: 0.0}
TRANSITION_SD_S = 4.0
# The look of a stage that drifts towards its lighter or its deeper neighbour.
LIGHTER = {Stage.N1: Stage.W, Stage.N2: Stage.N1, Stage.R: Stage.N1}
DEEPER = {Stage.W: Stage.N1, Stage.N1: Stage.N2}
DRIFT_SD_S = 25.0
DEPTH_SD_S = 20.0
# A movement of the body every 20 to 30 minutes of sleep, more about wakings
# (Wilde-Frenz and Schulz 1983, Percept Mot Skills 56:275).
MOVEMENTS_PER_H = 2.5


@dataclass(frozen=True)
class Spell:
    """A stretch of time, in seconds from the start of the recording."""

    start_s: float
    end_s: float


@dataclass(frozen=True)
class NightPlan:
    """Who sleeps, in which stage, and the slow state variables the generators follow.

    Attributes
    ----------
    arousals, movements, eyes_open
        In order of time.
    stage_weights
        Shape (n_seconds, 5): how much of each stage is in the signal at each full second.
        Stages fade into each other over some 10 s, and within a stay the signal drifts towards
        neighbouring stages and back, so that not every epoch looks like its stage.
    depth
        Shape (n_seconds,), 0 to about 1: slow-wave activity. It lags behind the stage, so the
        border between N2 and N3 is as soft as in a real night.
    calm
        Shape (n_seconds,), 0 to 1: 0 inside arousals and movements, which silence spindles
        and slow waves.
    """

    subject: SimulatedSubject
    timeline: StageTimeline
    duration_s: float
    arousals: tuple[Spell, ...]
    movements: tuple[Spell, ...]
    eyes_open: tuple[Spell, ...]
    stage_weights: FloatArray
    depth: FloatArray
    calm: FloatArray

    def second(self, track: FloatArray, time_s: float) -> float:
        """Value of a track at a time."""
        return float(track[min(max(int(time_s), 0), len(track) - 1)])

    def weight(self, *stages: Stage) -> FloatArray:
        """Weight of some stages together; shape (n_seconds,)."""
        return self.stage_weights[:, [STAGES.index(stage) for stage in stages]].sum(axis=1)


def draw_plan(
    rng: Generator, subject: SimulatedSubject, timeline: StageTimeline, duration_s: float
) -> NightPlan:
    """Draw everything about a night that several generators need."""
    arousals = _draw_arousals(rng, subject, timeline)
    movements = _draw_movements(rng, timeline)
    seconds = np.arange(int(np.ceil(duration_s)) + 1, dtype=float)
    codes = timeline.codes_at(seconds)
    weights = _drifting(rng, np.eye(len(STAGES))[codes])
    calm = 1 - np.maximum(_mask(arousals, len(seconds)), _mask(movements, len(seconds)))
    return NightPlan(
        subject=subject,
        timeline=timeline,
        duration_s=duration_s,
        arousals=arousals,
        movements=movements,
        eyes_open=_draw_eyes_open(rng, timeline),
        stage_weights=weights,
        depth=_depth(rng, codes, calm),
        calm=calm,
    )


def _drifting(rng: Generator, weights: FloatArray) -> FloatArray:
    """Blend stages with their neighbours at random and fade the borders; rows still sum to 1."""
    for neighbours in (LIGHTER, DEEPER):
        moved = np.eye(len(STAGES))
        for stage, neighbour in neighbours.items():
            moved[STAGES.index(stage)] = np.eye(len(STAGES))[STAGES.index(neighbour)]
        level = np.clip(0.55 * smooth_noise(rng, len(weights), DRIFT_SD_S) - 0.18, 0, 0.9)[:, None]
        weights = (1 - level) * weights + level * (weights @ moved)
    return np.asarray(gaussian_filter1d(weights, TRANSITION_SD_S, axis=0))


def _depth(rng: Generator, codes: NDArray[np.int8], calm: FloatArray) -> FloatArray:
    target = np.array([DEPTH[stage] for stage in STAGES])[codes]
    wander = np.exp(0.3 * smooth_noise(rng, len(target), 25.0) - 0.045)
    smooth = gaussian_filter1d(target, DEPTH_SD_S) * wander
    return smooth * gaussian_filter1d(calm, 1.5)


def _draw_arousals(
    rng: Generator, subject: SimulatedSubject, timeline: StageTimeline
) -> tuple[Spell, ...]:
    """Arousals at random after 15 s of a run, and at most changes from sleep to W or N1."""
    spells = []
    for before, run in zip(timeline.runs, timeline.runs[1:], strict=False):
        lighter = run.stage in (Stage.W, Stage.N1) and before.stage not in (Stage.W, Stage.N1)
        if lighter and rng.random() < (0.9 if run.stage is Stage.W else 0.6):
            spells.append(_arousal_at(rng, run.start_s - rng.uniform(0, 3)))
    for run in timeline.runs_of(Stage.N1, Stage.N2, Stage.N3, Stage.R):
        spells += [_arousal_at(rng, time_s) for time_s in _arousal_times(rng, subject, run)]
    return _apart(spells, gap_s=10.0)


def _arousal_times(rng: Generator, subject: SimulatedSubject, run: StageRun) -> FloatArray:
    free_s = run.length_s - 30
    if free_s <= 0:
        return np.empty(0)
    rate = subject.arousals_per_h / 3600 * (0.35 if run.stage is Stage.N3 else 1.0)
    return run.start_s + 15 + np.sort(rng.uniform(0, free_s, rng.poisson(rate * free_s)))


def _arousal_at(rng: Generator, start_s: float) -> Spell:
    # AASM: at least 3 s; past 15 s it is a waking.
    return Spell(start_s, start_s + float(np.clip(lognormal(rng, 6.5, 0.45), 3.2, 15.0)))


def _draw_movements(rng: Generator, timeline: StageTimeline) -> tuple[Spell, ...]:
    spells = []
    for run in timeline.runs:
        if run.stage is Stage.W and run.start_s > 0 and rng.random() < 0.5:
            spells.append(_movement_at(rng, run.start_s + rng.uniform(0, 2)))
        per_h = MOVEMENTS_PER_H * {Stage.W: 5.0, Stage.N1: 2.0, Stage.N3: 0.3}.get(run.stage, 1.0)
        count = rng.poisson(per_h * run.length_s / 3600)
        spells += [_movement_at(rng, t) for t in rng.uniform(run.start_s, run.end_s, count)]
    return _apart(spells, gap_s=15.0)


def _movement_at(rng: Generator, start_s: float) -> Spell:
    return Spell(start_s, start_s + float(np.clip(lognormal(rng, 5.0, 0.7), 1.0, 28.0)))


def _draw_eyes_open(rng: Generator, timeline: StageTimeline) -> tuple[Spell, ...]:
    """Spells of open eyes in W: long before lights off and after rising, short at night."""
    spells = []
    for run in timeline.runs_of(Stage.W):
        now_s = run.start_s
        is_open = rng.random() < 0.45
        while now_s < run.end_s:
            length_s = lognormal(rng, 14.0 if is_open else 30.0, 0.7)
            if is_open:
                spells.append(Spell(now_s, min(now_s + length_s, run.end_s)))
            now_s += length_s
            is_open = not is_open
    return tuple(spells)


def _apart(spells: list[Spell], *, gap_s: float) -> tuple[Spell, ...]:
    """Sort spells and drop those that begin less than ``gap_s`` after the previous spell."""
    kept: list[Spell] = []
    for spell in sorted(spells, key=lambda spell: spell.start_s):
        if not kept or spell.start_s - kept[-1].end_s >= gap_s:
            kept.append(spell)
    return tuple(kept)


def _mask(spells: tuple[Spell, ...], length: int) -> FloatArray:
    mask = np.zeros(length)
    for spell in spells:
        mask[max(int(spell.start_s), 0) : int(np.ceil(spell.end_s)) + 1] = 1.0
    return mask
