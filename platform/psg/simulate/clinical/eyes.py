"""Eye movements that are too small or too slow to be marked as rapid.

In the recording of R of `python -m benchmarks.evidence` the usual movement has 200 uV in E2 - E1
and the smallest that was marked half of it; a mark is 0.4 s long (median; 0.3-0.6 s). Between the
marks the eyes still move against each other (correlation -0.7), by 28 uV RMS in E2 - E1.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from psg.montage import Derivation
from psg.simulate.canvas import Canvas
from psg.simulate.draws import draw_times, lognormal
from psg.simulate.eyes import GAZE_GAINS, RapidMovements, add_eye_movements, add_saccade, phasic
from psg.simulate.plan import NightPlan
from psg.stages import Stage

LEAST_MARKED_SHARE, MOST_UV, HOLD_S = 0.5, 400.0, 0.12
# Fitted: so that the detector is as often wrong in R as on marks in real recordings.
SMALL_PER_RAPID, DRIFTS_PER_MIN = 0.35, 4.5


def add_clinical_eye_movements(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add the movements of a plain night, and small and slow ones in R.

    The rapid ones of R have half the usual size or more, so that all would be marked.
    """
    least_uv = LEAST_MARKED_SHARE * plan.subject.rem_uv
    rapid = RapidMovements(least_uv, MOST_UV, HOLD_S)
    add_eye_movements(canvas, plan, rng, rapid=rapid)
    _add_small_movements(canvas, plan, rng, least_uv)
    _add_drifts(canvas, plan, rng)


def _add_small_movements(canvas: Canvas, plan: NightPlan, rng: Generator, least_uv: float) -> None:
    """Add rapid movements that nobody marks, noted as ``small_rem``."""
    per_s = SMALL_PER_RAPID * plan.subject.rems_per_min / 60
    rate = plan.weight(Stage.R) * per_s * phasic(plan, rng)
    for start_s in draw_times(rng, np.minimum(rate, 1.6), gap_s=0.3):
        size_uv = min(lognormal(rng, 0.8 * least_uv, 0.3), least_uv)
        add_saccade(canvas, rng, "small_rem", float(start_s), size_uv, HOLD_S)


def _add_drifts(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add slow movements in R, their first deflection longer than 0.5 s."""
    for start_s in draw_times(rng, plan.weight(Stage.R) * DRIFTS_PER_MIN / 60, gap_s=1.0):
        length_s = float(np.clip(lognormal(rng, 1.6, 0.3), 1.1, 4.0))
        size_uv = lognormal(rng, 0.5 * plan.subject.rem_uv, 0.4)
        wave = np.sin(np.pi * canvas.times(length_s) / length_s) ** 2
        side = rng.choice([-1.0, 1.0])
        canvas.add(float(start_s), side * size_uv / 2 * wave, GAZE_GAINS)
        end_s = float(start_s) + length_s
        canvas.note("sem", Derivation.E1, float(start_s), end_s, peak_to_peak_uv=size_uv)
