"""Alpha rhythm: 8-13 Hz over the occiput, with closed eyes; about 10 % of people have none.

In W with closed eyes it runs almost throughout and breaks up as sleep nears; N1 keeps a few
remnants. In R short bursts occur, 1-2 Hz slower than in W. All this after the AASM manual.
Amplitude 20-60 uV from peak to peak in those who produce it.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter1d

from psg.montage import Derivation
from psg.simulate.canvas import Canvas
from psg.simulate.draws import FloatArray, draw_times, lognormal, smooth_noise
from psg.simulate.plan import NightPlan, Spell
from psg.simulate.stageprocess import StageRun
from psg.stages import Stage

GAINS = {
    Derivation.F4: 0.42,
    Derivation.C4: 0.6,
    Derivation.O2: 1.0,
    Derivation.E1: 0.28,
    Derivation.E2: 0.28,
}
REM_BURSTS_PER_MIN = 0.6


def add_alpha(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add alpha trains in W and N1, and slower bursts in R."""
    for run in plan.timeline.runs_of(Stage.W):
        _add_trains_in_wake(canvas, plan, rng, run)
    for run in plan.timeline.runs_of(Stage.N1):
        _add_trains(
            canvas, plan, rng, Spell(run.start_s, run.end_s), on_s=1.6, off_s=9.0, gain=0.75
        )
    for start_s in draw_times(rng, REM_BURSTS_PER_MIN / 60 * plan.weight(Stage.R), gap_s=5):
        slower_hz = plan.subject.alpha_hz - rng.uniform(0.8, 1.8)
        add_alpha_train(canvas, plan, rng, float(start_s), lognormal(rng, 2.0, 0.4), 0.5, slower_hz)


def _add_trains_in_wake(canvas: Canvas, plan: NightPlan, rng: Generator, run: StageRun) -> None:
    """Alpha with closed eyes; a little, and weak, with open ones."""
    now_s = run.start_s
    for spell in [s for s in plan.eyes_open if run.start_s <= s.start_s < run.end_s]:
        _add_trains(canvas, plan, rng, Spell(now_s, spell.start_s), on_s=9.0, off_s=1.3, gain=1.0)
        _add_trains(canvas, plan, rng, spell, on_s=1.2, off_s=6.0, gain=0.45)
        now_s = spell.end_s
    _add_trains(canvas, plan, rng, Spell(now_s, run.end_s), on_s=9.0, off_s=1.3, gain=1.0)


def _add_trains(
    canvas: Canvas,
    plan: NightPlan,
    rng: Generator,
    spell: Spell,
    *,
    on_s: float,
    off_s: float,
    gain: float,
) -> None:
    """Fill a spell with trains and gaps of these median lengths."""
    now_s = spell.start_s
    if on_s < off_s:
        now_s += lognormal(rng, off_s, 0.7) * rng.random()
    while now_s < spell.end_s - 0.5:
        length_s = min(max(lognormal(rng, on_s, 0.6), 0.5), spell.end_s - now_s)
        add_alpha_train(canvas, plan, rng, now_s, length_s, gain, plan.subject.alpha_hz)
        now_s += length_s + lognormal(rng, off_s, 0.7)


def add_alpha_train(
    canvas: Canvas,
    plan: NightPlan,
    rng: Generator,
    start_s: float,
    length_s: float,
    gain: float,
    frequency_hz: float,
) -> None:
    """Add a train and note it."""
    size_uv = plan.subject.alpha_uv * gain * lognormal(rng, 1.0, 0.15)
    wave = alpha_wave(canvas, rng, length_s, frequency_hz)
    canvas.add(start_s, size_uv / 2 * wave, GAINS)
    canvas.note(
        "alpha",
        Derivation.O2,
        start_s,
        start_s + length_s,
        frequency_hz=frequency_hz,
        peak_to_peak_uv=size_uv,
    )


def alpha_wave(canvas: Canvas, rng: Generator, length_s: float, frequency_hz: float) -> FloatArray:
    """Return a train of about unit amplitude that waxes and wanes and wanders in frequency."""
    times = canvas.times(length_s)
    correlation = 0.35 * canvas.sfreq_hz
    envelope = np.clip(1 + 0.38 * smooth_noise(rng, len(times), correlation), 0.15, 2.0)
    wander = 0.4 * smooth_noise(rng, len(times), correlation)
    phase = 2 * np.pi * np.cumsum(frequency_hz + wander) / canvas.sfreq_hz
    ends = np.minimum(1, np.minimum(times, times[::-1]) / 0.25)
    wave = envelope * gaussian_filter1d(ends, 0.05 * canvas.sfreq_hz) * np.sin(phase)
    return np.asarray(wave)
