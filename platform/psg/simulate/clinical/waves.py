"""Waves of sleep that are small, doubtful, or shared with the eyes.

Measured in the real recordings of `python -m benchmarks.evidence`:

- spindles that either expert of DREAMS marked have a median size of 20-32 uV (11-16 Hz, 5 to 95 %:
  13-51 uV), on a background of 2.6-3.8 uV RMS between them;
- in N2 of these recordings the EEG has more of 2-11 Hz than the plain background (2-4 Hz 6.1-8.8,
  4-8 Hz 5.5-6.2, 8-11 Hz 2.8-4.1 uV RMS), and 2.4-9.8 waves of more than 75 uV a minute;
- in a nap slow waves of N3 move both eye channels alike (correlation 0.7), and by more than F4.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from psg.montage import Derivation
from psg.simulate.background import DENSITIES_UV2_HZ, add_background
from psg.simulate.canvas import Canvas
from psg.simulate.draws import FloatArray, draw_times, lognormal
from psg.simulate.plan import NightPlan
from psg.simulate.waves import FAST_GAINS, biphasic_wave, place_wave
from psg.stages import Stage

CLINICAL_DENSITIES_UV2_HZ = DENSITIES_UV2_HZ | {
    Stage.N2: (70, 75, 65, 60, 27, 10.5, 6.3, 4.8, 2.6, 1.0, 0.35, 0.10, 0.03, 0.02, 0.01),
    Stage.N3: (160, 240, 160, 70, 22, 10, 5.5, 4.0, 2.4, 0.9, 0.28, 0.08, 0.02, 0.012, 0.01),
}
LONE_WAVES_PER_MIN = 3.0
# Fitted: so that the detector is as often wrong as on marks in real recordings.
SIGMA_BURSTS_PER_MIN = 3.5


def add_clinical_background(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    add_background(canvas, plan, rng, CLINICAL_DENSITIES_UV2_HZ)


def add_lone_waves(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add single slow waves in N2: rounder than a K complex, and with as large a positive half."""
    per_min = lognormal(rng, LONE_WAVES_PER_MIN, 0.4)
    for start_s in draw_times(rng, per_min / 60 * plan.weight(Stage.N2) * plan.calm, gap_s=1.5):
        size_uv = float(np.clip(lognormal(rng, 95, 0.25), 50, 220))
        down_s = float(np.clip(lognormal(rng, 0.55, 0.2), 0.35, 0.9))
        up_s = float(np.clip(lognormal(rng, 0.7, 0.2), 0.4, 1.1))
        wave = biphasic_wave(canvas, down_s, up_s, lognormal(rng, 0.95, 0.2))
        place_wave(canvas, plan, rng, "slow_wave", float(start_s), wave, size_uv)


def add_sigma_bursts(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add bursts of irregular waves of 10-17 Hz, which do not wax and wane as a spindle does."""
    sleep = plan.weight(Stage.N2) + 0.5 * plan.weight(Stage.N3)
    for start_s in draw_times(rng, SIGMA_BURSTS_PER_MIN / 60 * sleep * plan.calm, gap_s=1.6):
        length_s = float(np.clip(lognormal(rng, 0.9, 0.35), 0.4, 2.0))
        rms_uv = lognormal(rng, 0.25 * plan.subject.spindle_uv, 0.25)
        times = canvas.times(length_s)
        edges = np.clip(np.minimum(times, times[-1] - times) / 0.12, 0, 1)
        wave = edges * _irregular(rng, len(times), canvas.sfreq_hz)
        canvas.add(float(start_s), rms_uv / wave.std() * wave, FAST_GAINS)
        end_s = float(start_s) + length_s
        canvas.note("sigma_burst", Derivation.C4, float(start_s), end_s, rms_uv=rms_uv)


def _irregular(rng: Generator, count: int, sfreq_hz: float) -> FloatArray:
    """Noise of 10-17 Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequencies = np.fft.rfftfreq(count, 1 / sfreq_hz)
    inside = (frequencies >= 10) & (frequencies <= 17)
    return np.asarray(np.fft.irfft(spectrum * inside, count))
