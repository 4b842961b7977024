"""Transient waves of sleep: spindles, slow waves, K complexes, vertex and sawtooth waves.

Sleep spindles: bursts of 11-16 Hz, at least 0.5 s long, that wax and wane.

2 to 4 a minute in N2, fewer in N3; fast spindles (about 13.5 Hz) are largest over the centre,
slow spindles (below 12.5 Hz) over the front; most last 0.5-1.5 s (De Gennaro and Ferrara 2003;
Molle et al. 2011, Sleep 34:1411; Purcell et al. 2017, Nat Commun 8:15930). Their frequency
falls slightly from beginning to end, and their number rises and falls about every 50 s
(Lecci et al. 2017, Sci Adv 3:e1602026).

Slow waves (0.5-2 Hz) start mostly in the front and travel backwards at 1-7 m/s, so they
reach the occiput some tens of milliseconds later (Massimini et al. 2004, J Neurosci 24:6862).
The AASM criterion for N3 is 0.5-2 Hz, over 75 uV from peak to peak in the frontal derivation, in
at least a fifth of the epoch.

K complexes: a sharp negative wave, then a slower positive wave, at least 0.5 s together, largest in
the front, 1 to 3 a minute in N2, often followed by a spindle
(Halasz 2005, Sleep Med Rev 9:391; AASM manual).

Vertex sharp waves of N1 and sawtooth waves of R (definitions after the AASM manual).

Vertex waves last under 0.5 s, are largest over the centre and stand out of the background.
Sawtooth waves are trains of triangular 2-6 Hz waves over the centre, often just before a burst
of rapid eye movements (Bernardi et al. 2019, J Neurosci 39:2686 measure them at 2-5 Hz).
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from scipy.signal import sawtooth

from psg.montage import Derivation
from psg.simulate.canvas import Canvas
from psg.simulate.draws import FloatArray, clipped_normal, draw_times, lognormal, smooth_noise
from psg.simulate.plan import NightPlan
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
    """Add a spindle and note it."""
    subject = plan.subject
    slow = rng.random() < SLOW_SHARE
    centre_hz = subject.spindle_hz - (1.6 if slow else 0.0)
    frequency_hz = clipped_normal(rng, centre_hz, 0.35, 11.0, 15.5)
    length_s = float(np.clip(lognormal(rng, subject.spindle_s, 0.3), 0.5, 2.2))
    peak_to_peak_uv = float(np.clip(lognormal(rng, subject.spindle_uv, 0.3), 12, 110))
    wave = spindle_wave(
        canvas.times(length_s), length_s, frequency_hz, subject.spindle_peakedness, rng
    )
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
    times: FloatArray, length_s: float, frequency_hz: float, peakedness: float, rng: Generator
) -> FloatArray:
    """Return a unit-amplitude spindle with an uneven rise and fall and a falling frequency."""
    peak = rng.uniform(0.35, 0.6)
    place = times / length_s
    bent = np.where(place < peak, 0.5 * place / peak, 0.5 + 0.5 * (place - peak) / (1 - peak))
    envelope = np.sin(np.pi * bent) ** peakedness
    chirp_hz_per_s = -0.4 / length_s
    cycles = frequency_hz * times + 0.5 * chirp_hz_per_s * times * (times - length_s)
    return np.asarray(envelope * np.sin(2 * np.pi * cycles + rng.uniform(0, 2 * np.pi)))


GAINS = {Derivation.F4: 1.0, Derivation.C4: 0.82, Derivation.O2: 0.42}
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
        place_wave(canvas, plan, rng, "slow_wave", start_s, wave, peak_to_peak_uv)


def add_k_complexes(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add K complexes in N2, some of them followed by a spindle."""
    subject = plan.subject
    rate = subject.k_complexes_per_min / 60 * plan.weight(Stage.N2) * plan.calm
    for start_s in draw_times(rng, rate, gap_s=3.0):
        size_uv = lognormal(rng, subject.k_complex_uv, subject.k_complex_spread)
        peak_to_peak_uv = float(np.clip(size_uv, subject.least_k_complex_uv, 380))
        down_s = float(np.clip(lognormal(rng, 0.32, 0.15), 0.2, 0.5))
        up_s = float(np.clip(lognormal(rng, 0.6, 0.2), 0.35, 1.1))
        wave = biphasic_wave(canvas, down_s, up_s, lognormal(rng, 0.6, 0.2))
        place_wave(canvas, plan, rng, "k_complex", start_s, wave, peak_to_peak_uv)
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


def place_wave(
    canvas: Canvas,
    plan: NightPlan,
    rng: Generator,
    kind: str,
    start_s: float,
    wave: FloatArray,
    peak_to_peak_uv: float,
) -> None:
    """Add a wave that spreads backwards from the front and note it with its size in F4."""
    usual = GAINS | {
        Derivation.E1: plan.subject.left_eye_wave_share,
        Derivation.E2: plan.subject.right_eye_wave_share,
    }
    gains = {name: gain * lognormal(rng, 1.0, 0.14) for name, gain in usual.items()}
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


VERTEX_GAINS = {Derivation.F4: 0.65, Derivation.C4: 1.0, Derivation.O2: 0.2}
SAWTOOTH_GAINS = {Derivation.F4: 0.75, Derivation.C4: 1.0, Derivation.O2: 0.3}
VERTEX_WAVES_PER_MIN = 2.0
SAWTOOTH_TRAINS_PER_MIN = 1.2


def add_vertex_waves(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add vertex waves in N1 and, fewer, in N2."""
    light = plan.weight(Stage.N1) + 0.15 * plan.weight(Stage.N2)
    for start_s in draw_times(rng, VERTEX_WAVES_PER_MIN / 60 * light * plan.calm, gap_s=0.8):
        size_uv = float(np.clip(lognormal(rng, 70, 0.25), 40, 160))
        length_s = float(np.clip(lognormal(rng, 0.26, 0.2), 0.15, 0.45))
        place = canvas.times(length_s) / length_s
        wave = -(np.sin(np.pi * np.minimum(place / 0.62, 1)) ** 2)
        wave += 0.4 * np.sin(np.pi * np.clip((place - 0.62) / 0.38, 0, 1))
        canvas.add(start_s, size_uv / 1.4 * wave, VERTEX_GAINS)
        canvas.note(
            "vertex_wave", Derivation.C4, start_s, start_s + length_s, peak_to_peak_uv=size_uv
        )


def add_sawtooth_waves(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add trains of sawtooth waves in R."""
    rate = SAWTOOTH_TRAINS_PER_MIN / 60 * plan.weight(Stage.R) * plan.calm
    for start_s in draw_times(rng, rate, gap_s=8.0):
        length_s = float(np.clip(lognormal(rng, 3.5, 0.4), 1.5, 9.0))
        frequency_hz = rng.uniform(2.2, 4.2)
        size_uv = lognormal(rng, 44, 0.25)
        times = canvas.times(length_s)
        drift = 1 + 0.12 * np.sin(2 * np.pi * times / length_s * rng.uniform(0.5, 1.5))
        phase = 2 * np.pi * np.cumsum(frequency_hz * drift) / canvas.sfreq_hz
        wave = sawtooth(phase, width=0.7) * np.sin(np.pi * times / length_s) ** 0.4
        canvas.add(start_s, size_uv / 2 * wave, SAWTOOTH_GAINS)
        canvas.note(
            "sawtooth",
            Derivation.C4,
            start_s,
            start_s + length_s,
            frequency_hz=frequency_hz,
            peak_to_peak_uv=size_uv,
        )
