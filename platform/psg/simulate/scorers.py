"""What an expert writes down for a night whose true course is known.

Two experts agree in about 80 % of epochs, kappa about 0.76, worst in N1 and about the border of
N2 and N3 (Danker-Hopfe et al. 2009, J Sleep Res 18:74; Rosenberg and Van Hout 2013, J Clin Sleep
Med 9:81). They differ where the night itself is unclear: at changes of stage, in short stays,
and where slow waves come and go about the criterion. Experts also differ in taste, epoch after
epoch: how readily they see N1, or N3, or the first sign of R.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from psg.epochs import EpochGrid
from psg.simulate.draws import FloatArray
from psg.simulate.plan import NightPlan
from psg.simulate.timeline import StageRun, Timeline
from psg.stages import EPOCH_S, STAGES, Stage


@dataclass(frozen=True)
class ScorerHabits:
    """How one scorer differs from the truth.

    Attributes
    ----------
    border_sd_s
        How far the scorer sees a change of stage from where it is.
    taste
        Added to each stage's share of an epoch before the largest is taken, order of ``STAGES``.
    doubt
        Standard deviation of what is added to each share in each epoch anew.
    deep_threshold
        Depth of sleep above which the scorer calls N3.
    deep_doubt
        Width of the band of depth about that threshold in which N2 and N3 are a toss-up.
    lapses
        Share of epochs scored as a neighbouring stage for no visible reason.
    """

    border_sd_s: float
    taste: FloatArray
    doubt: float
    deep_threshold: float
    deep_doubt: float
    lapses: float


# Stages that experts mistake for each other, by how often (Rosenberg and Van Hout 2013).
MISTAKEN_FOR = {
    Stage.W: {Stage.N1: 0.9, Stage.N2: 0.1},
    Stage.N1: {Stage.W: 0.35, Stage.N2: 0.5, Stage.R: 0.15},
    Stage.N2: {Stage.N1: 0.4, Stage.N3: 0.45, Stage.R: 0.15},
    Stage.N3: {Stage.N2: 1.0},
    Stage.R: {Stage.N1: 0.4, Stage.N2: 0.4, Stage.W: 0.2},
}
CAREFUL = ScorerHabits(3.0, np.zeros(len(STAGES)), 0.06, 0.45, 0.02, 0.0)


def draw_habits(rng: Generator) -> ScorerHabits:
    """Draw one plausible expert."""
    return ScorerHabits(
        border_sd_s=float(rng.uniform(7, 13)),
        taste=rng.normal(0, 0.10, len(STAGES)),
        doubt=float(rng.uniform(0.10, 0.18)),
        deep_threshold=float(np.clip(rng.normal(0.45, 0.07), 0.3, 0.6)),
        deep_doubt=float(rng.uniform(0.04, 0.08)),
        lapses=float(rng.uniform(0.02, 0.045)),
    )


def score(
    plan: NightPlan, grid: EpochGrid, habits: ScorerHabits, rng: Generator
) -> list[Stage | None]:
    """Score every epoch of a grid as this expert would."""
    seen = _as_seen(plan.timeline, habits, rng)
    stages: list[Stage | None] = []
    for epoch in range(grid.epoch_count):
        start_s = grid.onset_s(epoch)
        shares = seen.shares(start_s, start_s + EPOCH_S)
        stages.append(_stage_of_epoch(plan, shares, start_s, habits, rng))
    return stages


def _as_seen(timeline: Timeline, habits: ScorerHabits, rng: Generator) -> Timeline:
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
    return Timeline(runs)


def _stage_of_epoch(
    plan: NightPlan, shares: FloatArray, start_s: float, habits: ScorerHabits, rng: Generator
) -> Stage:
    present = shares > 0.05
    votes = shares + habits.taste + habits.doubt * rng.standard_normal(len(STAGES))
    stage = STAGES[int(np.argmax(np.where(present, votes, -np.inf)))]
    if stage in (Stage.N2, Stage.N3):
        stage = _deep_or_not(plan, start_s, habits, rng)
    if rng.random() < habits.lapses:
        stage = _mistake(stage, rng)
    return stage


def _deep_or_not(plan: NightPlan, start_s: float, habits: ScorerHabits, rng: Generator) -> Stage:
    depth = float(plan.depth[int(start_s) : int(start_s + EPOCH_S)].mean())
    threshold = habits.deep_threshold + habits.deep_doubt * rng.standard_normal()
    return Stage.N3 if depth > threshold else Stage.N2


def _mistake(stage: Stage, rng: Generator) -> Stage:
    choices: Sequence[Stage] = list(MISTAKEN_FOR[stage])
    chances = np.array([MISTAKEN_FOR[stage][choice] for choice in choices])
    return choices[rng.choice(len(choices), p=chances)]
