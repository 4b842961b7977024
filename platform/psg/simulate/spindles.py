"""Sleep spindles: bursts of 11-16 Hz, at least 0.5 s long, that wax and wane.

Two to four a minute in N2, fewer in N3; fast ones (about 13.5 Hz) are largest over the centre,
slow ones (below 12.5 Hz) over the front; most last 0.5-1.5 s (De Gennaro and Ferrara 2003;
Molle et al. 2011, Sleep 34:1411; Purcell et al. 2017, Nat Commun 8:15930). Their frequency
falls slightly from beginning to end, and their number rises and falls about every 50 s
(Lecci et al. 2017, Sci Adv 3:e1602026).
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from psg.montage import Derivation
from psg.simulate.canvas import Canvas
from psg.simulate.draws import FloatArray, clipped_normal, lognormal, smooth_noise
from psg.simulate.plan import NightPlan
from psg.simulate.points import draw_times
from psg.stages import Stage

INFRASLOW_PERIOD_S = 50.0
SLOW_SHARE = 0.28
FAST_GAINS = {Derivation.F4: 0.6, Derivation.C4: 1.0, Derivation.O2: 0.3}
SLOW_GAINS = {Derivation.F4: 1.0, Derivation.C4: 0.7, Derivation.O2: 0.15}


def add_spindles(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add spindles at a rate that follows the stage, the depth and the 50-s rhythm."""
    for start_s in draw_times(rng, spindle_rate(plan, rng), gap_s=1.6):
        add_spindle(canvas, plan, rng, float(start_s))


def spindle_rate(plan: NightPlan, rng: Generator) -> FloatArray:
    """Spindles per second at every full second; shape (n_seconds,)."""
    seconds = np.arange(len(plan.depth))
    phase = 2 * np.pi * seconds / INFRASLOW_PERIOD_S + 1.5 * smooth_noise(rng, len(seconds), 60.0)
    sleep = plan.weight(Stage.N2) + 0.4 * plan.weight(Stage.N3)
    rate = plan.subject.spindles_per_min / 60 * sleep * (1 + 0.7 * np.sin(phase)) * plan.calm
    return np.asarray(np.clip(rate, 0, None))


def add_spindle(canvas: Canvas, plan: NightPlan, rng: Generator, start_s: float) -> None:
    """Add one spindle and note it."""
    subject = plan.subject
    slow = rng.random() < SLOW_SHARE
    centre_hz = subject.spindle_hz - (1.6 if slow else 0.0)
    frequency_hz = clipped_normal(rng, centre_hz, 0.35, 11.0, 15.5)
    length_s = float(np.clip(lognormal(rng, 0.9, 0.3), 0.5, 2.2))
    peak_to_peak_uv = float(np.clip(lognormal(rng, subject.spindle_uv, 0.3), 12, 110))
    wave = spindle_wave(canvas.times(length_s), length_s, frequency_hz, rng)
    gains = SLOW_GAINS if slow else FAST_GAINS
    spread = {name: gain * lognormal(rng, 1.0, 0.15) for name, gain in gains.items()}
    eyes = {
        Derivation.E1: 0.25 * spread[Derivation.F4],
        Derivation.E2: 0.25 * spread[Derivation.F4],
    }
    canvas.add(start_s, peak_to_peak_uv / 2 * wave, spread | eyes)
    largest = Derivation.F4 if slow else Derivation.C4
    canvas.note(
        "spindle",
        largest,
        start_s,
        start_s + length_s,
        frequency_hz=frequency_hz,
        peak_to_peak_uv=peak_to_peak_uv * spread[largest],
    )


def spindle_wave(
    times: FloatArray, length_s: float, frequency_hz: float, rng: Generator
) -> FloatArray:
    """Return a unit-amplitude spindle with an uneven rise and fall and a falling frequency."""
    peak = rng.uniform(0.35, 0.6)
    place = times / length_s
    bent = np.where(place < peak, 0.5 * place / peak, 0.5 + 0.5 * (place - peak) / (1 - peak))
    envelope = np.sin(np.pi * bent) ** 1.3
    chirp_hz_per_s = -0.4 / length_s
    cycles = frequency_hz * times + 0.5 * chirp_hz_per_s * times * (times - length_s)
    return np.asarray(envelope * np.sin(2 * np.pi * cycles + rng.uniform(0, 2 * np.pi)))
