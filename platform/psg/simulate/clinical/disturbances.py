"""The heart, muscle, movement and sweat in derivations of the head."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from psg.montage import Derivation
from psg.simulate.artefacts import add_heart, add_sweat, heart_pickup
from psg.simulate.canvas import Canvas
from psg.simulate.draws import FloatArray, draw_times, lognormal
from psg.simulate.muscle import add_movements
from psg.simulate.plan import NightPlan
from psg.stages import Stage

LEAST_ECG_UV, MOST_ECG_UV = 5.0, 50.0
# Waves of a movement in the nap reach 150-300 uV.
MOVEMENT_SWING_UV = 150.0
SWEAT_CHANCE_PER_H, SWEAT_UV = 0.5, 32.0
# Temporal muscles in an awake recording with ECG give 5 uV RMS at 16-30 Hz, in others 2-3 uV.
MUSCLE_SPELLS_PER_MIN = {Stage.W: 3.0, Stage.N1: 0.3}
MUSCLE_GAINS = {
    Derivation.F4: 1.0,
    Derivation.C4: 0.6,
    Derivation.O2: 0.5,
    Derivation.E1: 0.8,
    Derivation.E2: 0.8,
}


def add_noted_heart(canvas: Canvas, plan: NightPlan, rng: Generator) -> NDArray[np.float32]:
    """Add R waves of 5-50 uV and note, for each derivation, how high they are all night."""
    pickup_uv = {
        name: float(np.clip(size_uv, LEAST_ECG_UV, MOST_ECG_UV))
        for name, size_uv in heart_pickup(plan, rng).items()
    }
    for name, size_uv in pickup_uv.items():
        canvas.note("ecg", name, 0.0, canvas.duration_s, peak_uv=size_uv)
    return add_heart(canvas, plan, rng, pickup_uv)


def add_large_movements(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    add_movements(canvas, plan, rng, usual_swing_uv=MOVEMENT_SWING_UV)


def add_much_sweat(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    add_sweat(canvas, plan, rng, chance_per_h=SWEAT_CHANCE_PER_H, usual_uv=SWEAT_UV)


def add_muscle(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add spells of muscle to the EEG and the eye channels, mostly awake."""
    rate = sum(
        per_min / 60 * plan.weight(stage) for stage, per_min in MUSCLE_SPELLS_PER_MIN.items()
    )
    usual_uv = lognormal(rng, 8, 0.5)
    for start_s in draw_times(rng, np.asarray(rate), gap_s=1.0):
        length_s = float(np.clip(lognormal(rng, 6, 0.7), 0.5, 30))
        rms_uv = lognormal(rng, usual_uv, 0.4)
        times = canvas.times(length_s)
        fade = np.clip(np.minimum(times, times[-1] - times) / 0.2, 0, 1)
        for name, gain in MUSCLE_GAINS.items():
            noise = _muscle_noise(rng, len(times), canvas.sfreq_hz)
            canvas.add(float(start_s), rms_uv * fade * noise, {name: gain})
        canvas.note("muscle", "all", float(start_s), float(start_s) + length_s, rms_uv=rms_uv)


def _muscle_noise(rng: Generator, count: int, sfreq_hz: float) -> FloatArray:
    """Noise of unit variance with the spectrum of surface EMG: 20 Hz and up."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequencies = np.fft.rfftfreq(count, 1 / sfreq_hz)
    rise = (frequencies / 25) ** 2 / (1 + (frequencies / 25) ** 2)
    noise = np.fft.irfft(spectrum * np.sqrt(rise / (1 + (frequencies / 90) ** 2)), count)
    return np.asarray(noise / noise.std())
