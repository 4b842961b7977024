"""Vertex sharp waves of N1 and sawtooth waves of R (definitions after the AASM manual).

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
from psg.simulate.draws import lognormal
from psg.simulate.plan import NightPlan
from psg.simulate.points import draw_times
from psg.stages import Stage

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
