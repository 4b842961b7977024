"""The scoring of an expert of a night whose true course is known.

Two experts agree in about 80 % of epochs, kappa about 0.76, worst in N1 and about the border of
N2 and N3 (Danker-Hopfe et al. 2009, J Sleep Res 18:74; Rosenberg and Van Hout 2013, J Clin Sleep
Med 9:81). They differ where the night itself is unclear: at changes of stage, in short stays,
and where slow waves come and go about the criterion. Experts also differ in taste, epoch after
epoch: how readily they see N1, or N3, or the first sign of R.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from psg.epochs import EpochGrid
from psg.simulate.canvas import SimulatedEvent
from psg.simulate.draws import FloatArray
from psg.simulate.stageprocess import StageRun, StageTimeline
from psg.stages import EPOCH_S, STAGES, Stage


@dataclass(frozen=True)
class ScorerHabits:
    """How a scorer differs from the truth.

    Attributes
    ----------
    border_sd_s
        How far the scorer sees a change of stage from where it is.
    taste
        Added to each stage's share of an epoch before the largest is taken, order of ``STAGES``.
    doubt
        Standard deviation of the noise added to each share in each epoch.
    slow_wave_threshold
        Share of an epoch that slow waves put in by the simulator must fill before the scorer
        calls N3. The manual says 0.2 of all such waves; the background adds some of its own.
    slow_wave_doubt
        Standard deviation of the scorer's error in measuring that share.
    lapses
        Share of epochs scored as a neighbouring stage for no visible reason.
    inertia
        By how much the threshold is lower after an epoch of N3, and higher after another: who
        has begun to score N3 goes on until the waves are clearly fewer.
    """

    border_sd_s: float
    taste: FloatArray
    doubt: float
    slow_wave_threshold: float
    slow_wave_doubt: float
    lapses: float
    inertia: float = 0.0


# The frontal criterion for slow waves; K complexes that meet it count towards N3 as well.
CRITERION_UV = 75.0
SLOW_KINDS = ("slow_wave", "k_complex")

# Stages that experts mistake for each other, by how often (Rosenberg and Van Hout 2013).
MISTAKEN_FOR = {
    Stage.W: {Stage.N1: 0.9, Stage.N2: 0.1},
    Stage.N1: {Stage.W: 0.35, Stage.N2: 0.5, Stage.R: 0.15},
    Stage.N2: {Stage.N1: 0.4, Stage.N3: 0.45, Stage.R: 0.15},
    Stage.N3: {Stage.N2: 1.0},
    Stage.R: {Stage.N1: 0.4, Stage.N2: 0.4, Stage.W: 0.2},
}
# The expert whose labels travel with a night: no taste, little doubt.
REFERENCE = ScorerHabits(7.0, np.zeros(len(STAGES)), 0.12, 0.16, 0.02, 0.015)


def draw_habits(rng: Generator) -> ScorerHabits:
    """Draw a plausible expert."""
    return ScorerHabits(
        border_sd_s=float(rng.uniform(9, 16)),
        taste=rng.normal(0, 0.15, len(STAGES)),
        doubt=float(rng.uniform(0.16, 0.28)),
        slow_wave_threshold=float(np.clip(rng.normal(0.16, 0.035), 0.09, 0.25)),
        slow_wave_doubt=float(rng.uniform(0.02, 0.06)),
        lapses=float(rng.uniform(0.03, 0.07)),
    )


def score(
    timeline: StageTimeline,
    grid: EpochGrid,
    slow_wave_shares: FloatArray,
    habits: ScorerHabits,
    rng: Generator,
) -> list[Stage | None]:
    """Score every epoch of a grid as this expert would.

    Parameters
    ----------
    slow_wave_shares
        Shape (n_epochs,): share of each epoch under frontal slow waves of over 75 uV.
    """
    seen = _as_seen(timeline, habits, rng)
    stages: list[Stage | None] = []
    for epoch in range(grid.epoch_count):
        start_s = grid.onset_s(epoch)
        shares = seen.shares(start_s, start_s + EPOCH_S)
        goes_on = bool(stages) and stages[-1] is Stage.N3
        slow = slow_wave_shares[epoch] + (habits.inertia if goes_on else -habits.inertia)
        stages.append(_stage_of_epoch(shares, slow, habits, rng))
    return stages


def slow_wave_shares(events: Iterable[SimulatedEvent], grid: EpochGrid) -> FloatArray:
    """Measure how much of each epoch lies under frontal slow waves of over 75 uV; (n_epochs,)."""
    starts_s = np.array([grid.onset_s(epoch) for epoch in range(grid.epoch_count)])
    shares = np.zeros(grid.epoch_count)
    for event in events:
        if event.kind in SLOW_KINDS and event.parameters["peak_to_peak_uv"] > CRITERION_UV:
            inside_s = np.minimum(starts_s + EPOCH_S, event.end_s) - np.maximum(
                starts_s, event.start_s
            )
            shares += np.clip(inside_s, 0, None) / EPOCH_S
    # A scorer pages to and fro, and lets the pages beside weigh in at the criterion.
    beside = np.pad(shares, 1, mode="edge")
    return np.asarray(0.6 * shares + 0.2 * (beside[:-2] + beside[2:]))


def _as_seen(timeline: StageTimeline, habits: ScorerHabits, rng: Generator) -> StageTimeline:
    """Move every border a little, and keep the runs in order."""
    borders = [
        run.start_s + rng.normal(0, habits.border_sd_s) if place else 0.0
        for place, run in enumerate(timeline.runs)
    ]
    ordered = [float(border) for border in np.maximum.accumulate(np.array(borders))]
    ends = [*ordered[1:], max(timeline.end_s, ordered[-1])]
    runs = [
        StageRun(run.stage, start_s, end_s)
        for run, start_s, end_s in zip(timeline.runs, ordered, ends, strict=True)
        if end_s > start_s
    ]
    return StageTimeline(runs)


def _stage_of_epoch(
    shares: FloatArray, slow_wave_share: float, habits: ScorerHabits, rng: Generator
) -> Stage:
    present = shares > 0.05
    votes = shares + habits.taste + habits.doubt * rng.standard_normal(len(STAGES))
    stage = STAGES[int(np.argmax(np.where(present, votes, -np.inf)))]
    if stage in (Stage.N2, Stage.N3):
        measured = slow_wave_share + habits.slow_wave_doubt * rng.standard_normal()
        stage = Stage.N3 if measured >= habits.slow_wave_threshold else Stage.N2
    if rng.random() < habits.lapses:
        stage = _mistake(stage, rng)
    return stage


def _mistake(stage: Stage, rng: Generator) -> Stage:
    choices: Sequence[Stage] = list(MISTAKEN_FOR[stage])
    chances = np.array([MISTAKEN_FOR[stage][choice] for choice in choices])
    return choices[rng.choice(len(choices), p=chances)]
