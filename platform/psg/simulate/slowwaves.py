"""Slow waves and K complexes.

Slow waves (0.5-2 Hz) start mostly in the front and travel backwards at 1-7 m/s, so the occiput
sees them some tens of milliseconds later (Massimini et al. 2004, J Neurosci 24:6862). The AASM
criterion for N3 is 0.5-2 Hz, over 75 uV from peak to peak in the frontal derivation, in at least
a fifth of the epoch. K complexes: a sharp negative wave, then a slower positive one, at least
0.5 s together, largest in the front, one to three a minute in N2, often followed by a spindle
(Halasz 2005, Sleep Med Rev 9:391; AASM manual).
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from psg.montage import Derivation
from psg.simulate.canvas import Canvas
from psg.simulate.draws import FloatArray, lognormal
from psg.simulate.plan import NightPlan
from psg.simulate.points import draw_times
from psg.simulate.spindles import add_spindle
from psg.stages import Stage

GAINS = {
    Derivation.F4: 1.0,
    Derivation.C4: 0.82,
    Derivation.O2: 0.42,
    Derivation.E1: 0.55,
    Derivation.E2: 0.6,
}
FULL_RATE_PER_S = 0.8


def add_slow_waves(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add slow waves at a rate that follows the depth of sleep."""
    rate = FULL_RATE_PER_S * np.clip(plan.depth, 0, 1.2) ** 1.5
    for start_s in draw_times(rng, rate, gap_s=0.7):
        depth = plan.second(plan.depth, start_s)
        size = plan.subject.slow_wave_uv * (0.55 + 0.55 * depth)
        peak_to_peak_uv = min(lognormal(rng, size, 0.28), 320.0)
        down_s = float(np.clip(lognormal(rng, 0.42, 0.22), 0.25, 0.9))
        up_s = float(np.clip(lognormal(rng, 0.48, 0.25), 0.25, 1.0))
        wave = biphasic_wave(canvas, down_s, up_s, lognormal(rng, 0.75, 0.25))
        _place(canvas, rng, "slow_wave", start_s, wave, peak_to_peak_uv)


def add_k_complexes(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add K complexes in N2, some of them followed by a spindle."""
    rate = plan.subject.k_complexes_per_min / 60 * plan.weight(Stage.N2) * plan.calm
    for start_s in draw_times(rng, rate, gap_s=3.0):
        peak_to_peak_uv = float(np.clip(lognormal(rng, plan.subject.k_complex_uv, 0.25), 80, 380))
        down_s = float(np.clip(lognormal(rng, 0.32, 0.15), 0.2, 0.5))
        up_s = float(np.clip(lognormal(rng, 0.6, 0.2), 0.35, 1.1))
        wave = biphasic_wave(canvas, down_s, up_s, lognormal(rng, 0.6, 0.2))
        _place(canvas, rng, "k_complex", start_s, wave, peak_to_peak_uv)
        if rng.random() < 0.35:
            add_spindle(canvas, plan, rng, float(start_s) + down_s + rng.uniform(0.1, 0.5))


def biphasic_wave(canvas: Canvas, down_s: float, up_s: float, rebound: float) -> FloatArray:
    """Return a negative then positive wave of unit peak-to-peak size.

    The negative half is steeper on its way down than a half sine; the positive half has
    ``rebound`` times its height and fades out.
    """
    down = canvas.times(down_s) / down_s
    up = canvas.times(up_s) / up_s
    negative = -(np.sin(np.pi * down**0.85) ** 1.4)
    positive = rebound * np.sin(np.pi * up**0.75) ** 1.2
    wave = np.concatenate([negative, positive])
    return np.asarray(wave / np.ptp(wave))


def _place(
    canvas: Canvas,
    rng: Generator,
    kind: str,
    start_s: float,
    wave: FloatArray,
    peak_to_peak_uv: float,
) -> None:
    gains = {name: gain * lognormal(rng, 1.0, 0.14) for name, gain in GAINS.items()}
    lag_s = float(rng.normal(0.04, 0.025))
    delays_s = {Derivation.C4: 0.45 * lag_s, Derivation.O2: lag_s}
    canvas.add(start_s, peak_to_peak_uv * wave, gains, delays_s)
    canvas.note(
        kind,
        Derivation.F4,
        start_s,
        start_s + len(wave) / canvas.sfreq_hz,
        peak_to_peak_uv=peak_to_peak_uv * gains[Derivation.F4],
    )
