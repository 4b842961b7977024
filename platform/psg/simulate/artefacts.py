"""Signals not from brain, eyes or chin: mains, the heart, sweat, electrode pops, slow drift.

Every recording has some of each; the sizes are those a technologist meets in a recording that
was accepted for scoring. Each derivation hears the mains and the heart in its own measure.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from psg.montage import DERIVATIONS, Derivation
from psg.simulate.canvas import Canvas
from psg.simulate.draws import FloatArray, lognormal, smooth_noise
from psg.simulate.plan import NightPlan

HEAD = DERIVATIONS[:5]
POPS_PER_H = 2.0
SWEAT_CHANCE_PER_H = 0.15
_BLOCK_S = 600.0


def add_mains(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add hum whose size wanders; a chin electrode that loosens hears more of it for a while."""
    sizes = {name: lognormal(rng, plan.subject.mains_uv, 0.5) for name in DERIVATIONS}
    phases = {name: rng.uniform(0, 2 * np.pi) for name in DERIVATIONS}
    course = np.exp(0.4 * smooth_noise(rng, len(plan.depth), 400.0))
    samples = canvas.traces.shape[1]
    block = round(_BLOCK_S * canvas.sfreq_hz)
    for first in range(0, samples, block):
        times = np.arange(first, min(first + block, samples)) / canvas.sfreq_hz
        level = np.interp(times, np.arange(len(course)), course)
        for name in DERIVATIONS:
            angle = 2 * np.pi * plan.subject.mains_hz * times + phases[name]
            canvas.row(name)[first : first + block] += sizes[name] * level * np.sin(angle)


def heart_pickup(plan: NightPlan, rng: Generator) -> dict[Derivation, float]:
    """Draw how high R waves stand in each derivation, in uV."""
    return {name: plan.subject.ecg_pickup_uv * lognormal(rng, 1, 0.35) for name in DERIVATIONS}


def add_heart(
    canvas: Canvas, plan: NightPlan, rng: Generator, pickup_uv: Mapping[Derivation, float]
) -> NDArray[np.float32]:
    """Return an ECG trace in uV and add what the electrodes pick up of its R waves."""
    ecg = np.zeros(canvas.traces.shape[1], dtype=np.float32)
    beat = _beat(canvas.times(0.7))
    sharp = canvas.times(0.09) - 0.045
    spike = -(1 - (sharp / 0.014) ** 2) * np.exp(-((sharp / 0.014) ** 2) / 2)
    for time_s in _beat_times(rng, plan):
        first = round(time_s * canvas.sfreq_hz)
        part = beat[: max(len(ecg) - first, 0)]
        ecg[first : first + len(part)] += 1000 * part
        canvas.add(time_s + 0.175, spike, pickup_uv)
    return ecg


def _beat_times(rng: Generator, plan: NightPlan) -> FloatArray:
    """Beats whose rate rises in wakefulness and wanders with breathing."""
    seconds = len(plan.depth)
    count = int(seconds * plan.subject.heart_rate_bpm / 60 * 1.6)
    awake = np.clip(1 - plan.depth - plan.stage_weights[:, 2], 0, 1)
    intervals = 60 / plan.subject.heart_rate_bpm * (1 + 0.05 * smooth_noise(rng, count, 2.0))
    times = np.cumsum(intervals)
    faster = 1 + 0.1 * awake[np.minimum(times.astype(int), seconds - 1)]
    times = np.cumsum(intervals / faster)
    return np.asarray(times[times < plan.duration_s])


def _beat(times: FloatArray) -> FloatArray:
    """A PQRST complex of about unit height."""
    waves = (
        (0.08, 0.02, 0.12),
        (0.19, 0.008, -0.15),
        (0.22, 0.010, 1.1),
        (0.25, 0.009, -0.25),
        (0.45, 0.04, 0.28),
    )
    beat = np.zeros_like(times)
    for centre_s, width_s, height in waves:
        beat += height * np.exp(-(((times - centre_s) / width_s) ** 2) / 2)
    return beat


def add_pops(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add electrode pops: a step in a derivation that decays through the amplifier."""
    for start_s in rng.uniform(
        0, plan.duration_s, rng.poisson(POPS_PER_H * plan.duration_s / 3600)
    ):
        derivation = HEAD[rng.integers(len(HEAD))]
        size_uv = lognormal(rng, 130, 0.5) * rng.choice([-1.0, 1.0])
        decay_s = rng.uniform(0.15, 0.8)
        times = canvas.times(5 * decay_s)
        canvas.add(float(start_s), size_uv * np.exp(-times / decay_s), {derivation: 1.0})
        end_s = float(start_s) + 3 * decay_s
        canvas.note("pop", derivation, float(start_s), end_s, peak_to_peak_uv=abs(size_uv))


def add_sweat(
    canvas: Canvas,
    plan: NightPlan,
    rng: Generator,
    *,
    chance_per_h: float = SWEAT_CHANCE_PER_H,
    usual_uv: float = 22,
) -> None:
    """Add spells of slow sway, 0.2-0.5 Hz, such as sweat makes, in a few neighbouring traces."""
    hours = plan.duration_s / 3600
    for _ in range(rng.poisson(chance_per_h * hours)):
        length_s = min(lognormal(rng, 400, 0.5), 0.3 * plan.duration_s)
        start_s = rng.uniform(0, max(plan.duration_s - length_s, 1))
        size_uv = lognormal(rng, usual_uv, 0.4)
        count = len(canvas.times(length_s))
        sway = smooth_noise(rng, count, 0.45 * canvas.sfreq_hz) * np.sin(
            np.linspace(0, np.pi, count)
        )
        gains = {name: rng.uniform(0.2, 1.0) for name in HEAD}
        canvas.add(start_s, size_uv * sway, gains)
        canvas.note("sweat", "all", start_s, start_s + length_s, rms_uv=size_uv)
