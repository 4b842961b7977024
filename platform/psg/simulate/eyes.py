"""Eye movements: blinks, reading and rapid eye movements of W, slow ones of N1, REMs of R.

The eye is a dipole: a horizontal movement takes E1 and E2 in opposite directions, a vertical
movement (a blink) moves both alike and reaches the frontal EEG. Definitions after the AASM manual:
blinks 0.5-2 Hz; a rapid eye movement turns within 0.5 s, a slow movement takes longer. REMs come
in bursts (Aserinsky and Kleitman 1953, Science 118:273). Blinks at rest come 17 a minute
(Bentivoglio et al. 1997, Mov Disord 12:1028).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.signal import lfilter

from psg.montage import Derivation
from psg.simulate.canvas import Canvas
from psg.simulate.draws import FloatArray, draw_times, lognormal, smooth_noise
from psg.simulate.plan import NightPlan, Spell
from psg.stages import Stage

# The amplifier's time constant brings a held gaze back to the middle of the trace.
AMPLIFIER_HZ = 0.15
BLINK_GAINS = {Derivation.E1: 0.8, Derivation.E2: 1.0, Derivation.F4: 0.55, Derivation.C4: 0.16}
# Horizontal gaze also leaks into F4, on the side of the right eye.
GAZE_GAINS = {Derivation.E1: -1.0, Derivation.E2: 0.9, Derivation.F4: 0.12}
LIFT_GAINS = {Derivation.E1: 0.8, Derivation.E2: 1.0, Derivation.F4: 0.3}
HOLD_S = 0.35


@dataclass(frozen=True)
class RapidMovements:
    """Limits of the size of rapid eye movements in R, and how long the gaze usually stays."""

    least_uv: float
    most_uv: float
    usual_hold_s: float


PLAIN = RapidMovements(25, 260, HOLD_S)


def add_eye_movements(
    canvas: Canvas,
    plan: NightPlan,
    rng: Generator,
    *,
    rapid: RapidMovements = PLAIN,
) -> None:
    """Add the eye movements of the whole night."""
    for spell in plan.eyes_open:
        _add_blinks(canvas, plan, rng, spell)
        _add_waking_saccades(canvas, plan, rng, spell)
    _add_slow_eye_movements(canvas, plan, rng)
    _add_rems(canvas, plan, rng, rapid)


def _add_blinks(canvas: Canvas, plan: NightPlan, rng: Generator, spell: Spell) -> None:
    rate = np.full(max(int(spell.end_s - spell.start_s), 1), plan.subject.blinks_per_min / 60)
    for place_s in draw_times(rng, rate, gap_s=0.5):
        start_s = spell.start_s + float(place_s)
        length_s = float(np.clip(lognormal(rng, 0.34, 0.2), 0.2, 0.7))
        size_uv = lognormal(rng, plan.subject.blink_uv, 0.25)
        place = canvas.times(length_s) / length_s
        canvas.add(start_s, size_uv * np.sin(np.pi * place**0.7) ** 1.8, BLINK_GAINS)
        canvas.note("blink", Derivation.E2, start_s, start_s + length_s, peak_to_peak_uv=size_uv)


def _add_waking_saccades(canvas: Canvas, plan: NightPlan, rng: Generator, spell: Spell) -> None:
    rate = np.full(max(int(spell.end_s - spell.start_s), 1), 0.35)
    for place_s in draw_times(rng, rate, gap_s=0.35):
        size_uv = lognormal(rng, 0.45 * plan.subject.rem_uv, 0.4)
        add_saccade(canvas, rng, "waking_rem", spell.start_s + float(place_s), size_uv)


def _add_rems(canvas: Canvas, plan: NightPlan, rng: Generator, rapid: RapidMovements) -> None:
    """Bursts of REMs: phasic spells of some 10 s between tonic ones of half a minute or more."""
    rate = plan.weight(Stage.R) * plan.subject.rems_per_min / 60 * phasic(plan, rng)
    for start_s in draw_times(rng, np.minimum(rate, 1.6), gap_s=0.3):
        size_uv = float(
            np.clip(lognormal(rng, plan.subject.rem_uv, 0.4), rapid.least_uv, rapid.most_uv)
        )
        add_saccade(canvas, rng, "rem", float(start_s), size_uv, rapid.usual_hold_s)


def phasic(plan: NightPlan, rng: Generator) -> FloatArray:
    """Draw by how much the eyes move more or less than usual; shape (n_seconds,)."""
    return np.asarray(np.exp(1.5 * smooth_noise(rng, len(plan.depth), 9.0) - 1.1))


def add_saccade(
    canvas: Canvas,
    rng: Generator,
    kind: str,
    start_s: float,
    size_uv: float,
    usual_hold_s: float = HOLD_S,
) -> None:
    """A quick turn of the eyes, a short fixation, and a quick or slow way back."""
    turn_s = float(np.clip(lognormal(rng, 0.09, 0.35), 0.04, 0.3))
    hold_s = float(np.clip(lognormal(rng, usual_hold_s, 0.6), 0.05, 1.5))
    back_s = float(np.clip(lognormal(rng, 0.2, 0.7), 0.06, 1.0))
    gaze = through_amplifier(canvas, gaze_course(canvas, turn_s, hold_s, back_s))
    side = rng.choice([-1.0, 1.0])
    lift = float(rng.normal(0, 0.35))
    canvas.add(start_s, side * size_uv / 2 * gaze, GAZE_GAINS)
    canvas.add(start_s, lift * size_uv / 2 * gaze, LIFT_GAINS)
    end_s = start_s + turn_s + hold_s + back_s
    canvas.note(kind, Derivation.E1, start_s, end_s, peak_to_peak_uv=size_uv, turn_s=turn_s)


def gaze_course(canvas: Canvas, turn_s: float, hold_s: float, back_s: float) -> FloatArray:
    """Return the direction of gaze from 0 to 1 and back to 0, with 3 s of rest after it."""
    times = canvas.times(turn_s + hold_s + back_s + 3.0)
    turn = np.clip(times / turn_s, 0, 1)
    back = np.clip((times - turn_s - hold_s) / back_s, 0, 1)
    return np.asarray(0.5 * (np.cos(np.pi * back) - np.cos(np.pi * turn)))


def through_amplifier(canvas: Canvas, wave: FloatArray) -> FloatArray:
    """Apply the first-order high-pass of the recording amplifier."""
    decay = np.exp(-2 * np.pi * AMPLIFIER_HZ / canvas.sfreq_hz)
    return np.asarray(lfilter([1.0, -1.0], [1.0, -decay], wave))


def _add_slow_eye_movements(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Slow rolling in N1 and, with closed eyes, in the last minutes of W before it."""
    for run in plan.timeline.runs_of(Stage.N1):
        spell_s = min(rng.uniform(10, 90), run.start_s)
        _roll(canvas, plan, rng, Spell(run.start_s - spell_s, run.end_s + rng.uniform(0, 12)))


def _roll(canvas: Canvas, plan: NightPlan, rng: Generator, spell: Spell) -> None:
    now_s = spell.start_s
    side = rng.choice([-1.0, 1.0])
    while now_s < spell.end_s:
        length_s = float(np.clip(lognormal(rng, 2.7, 0.35), 1.4, 6.0))
        calm = plan.second(plan.calm, now_s) > 0.5
        asleep_deeper = plan.timeline.stage_at(min(now_s, plan.duration_s)) in (Stage.N3, Stage.R)
        if calm and not asleep_deeper and rng.random() < 0.5:
            size_uv = lognormal(rng, 1.0 * plan.subject.rem_uv, 0.35)
            place = canvas.times(length_s) / length_s
            wave = np.sin(np.pi * place) ** 2
            canvas.add(now_s, side * size_uv / 2 * wave, GAZE_GAINS)
            canvas.note("sem", Derivation.E1, now_s, now_s + length_s, peak_to_peak_uv=size_uv)
            side = -side
        now_s += length_s * rng.uniform(0.8, 1.4)
