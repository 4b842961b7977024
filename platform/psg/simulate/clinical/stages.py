"""Stages that last and change as in DOD-H, and an expert who scores them.

Mean length of a stay over the five scorers of DOD-H (25 nights): W 3, N1 1.2, N2 7, N3 9, R 13 min;
13 changes an hour. `python -m benchmarks.simulator` prints them beside those of simulated nights.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from psg.simulate.scorers import ScorerHabits
from psg.simulate.stageprocess import FALLING_ASLEEP, WAKEFUL, CyclePhase, StageProcess, Stay
from psg.stages import STAGES, Stage

W, N1, N2, N3, R = Stage

CLINICAL_STAGES = StageProcess(
    wakeful=WAKEFUL,
    falling_asleep=FALLING_ASLEEP,
    light=CyclePhase(
        N2,
        {
            N2: Stay(330, 1.15, {N1: 0.42, W: 0.58}),
            N1: Stay(48, 0.7, {N2: 0.8, W: 0.2}),
            W: Stay(40, 1.4, {N1: 0.85, N2: 0.15}),
        },
    ),
    deep=CyclePhase(
        N3,
        {
            N3: Stay(1000, 0.9, {N2: 0.7, W: 0.25, N1: 0.05}),
            N2: Stay(90, 0.7, {N3: 0.95, W: 0.05}),
            N1: Stay(35, 0.5, {N2: 1.0}),
            W: Stay(28, 0.8, {N1: 0.7, N2: 0.3}),
        },
    ),
    rem=CyclePhase(
        R,
        {
            R: Stay(1000, 0.85, {W: 0.55, N1: 0.25, N2: 0.2}),
            N1: Stay(40, 0.6, {R: 0.8, N2: 0.1, W: 0.1}),
            N2: Stay(60, 0.6, {R: 0.9, N1: 0.1}),
            W: Stay(40, 1.3, {N1: 0.75, R: 0.25}),
        },
    ),
    deep_min_by_cycle=(40.0, 32.0, 16.0, 6.0, 3.0, 0.0),
    rem_min_by_cycle=(8.0, 15.0, 22.0, 27.0, 29.0, 26.0),
)


def draw_reference(rng: Generator) -> ScorerHabits:
    """Draw the expert of a night, each with another taste.

    The scorers of DOD-H score 10.8-17.7 % of the same nights as N3. An expert who decided each
    epoch for itself would break long stays into pieces.
    """
    return ScorerHabits(
        border_sd_s=10.0,
        taste=rng.normal(0, 0.1, len(STAGES)),
        doubt=0.08,
        slow_wave_threshold=float(np.clip(rng.normal(0.16, 0.035), 0.09, 0.25)),
        slow_wave_doubt=0.01,
        lapses=0.004,
        inertia=0.05,
    )
