"""Muscle: chin tone, twitches, arousals and body movements.

Chin EMG: tone that falls with sleep and is lowest in R, twitches, and chin muscle in arousals.

Tone by stage follows the AASM manual: variable in W, lower in N1 to N3, in R at the lowest
level of the recording, with short twitches. The spectrum of surface EMG is broad, 20 Hz and up.

An arousal is an abrupt shift to alpha, theta or above 16 Hz for at least 3 s after at least 10 s
of sleep; in R it needs at least 1 s of raised chin tone (AASM manual). A body movement hides the
EEG under slow swings and muscle in all derivations.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter1d

from psg.montage import DERIVATIONS, Derivation
from psg.simulate.alpha import add_alpha_train
from psg.simulate.canvas import Canvas
from psg.simulate.draws import (
    FloatArray,
    add_coloured_noise,
    draw_times,
    frame_frequencies,
    frame_times,
    lognormal,
    smooth_noise,
)
from psg.simulate.plan import NightPlan, Spell
from psg.stages import STAGES, Stage

# Share of the tone in wakefulness; R is the subject's own.
TONE_SHARE = {Stage.W: 1.0, Stage.N1: 0.62, Stage.N2: 0.45, Stage.N3: 0.38}
TWITCHES_PER_MIN = 2.5


def add_chin_emg(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add tone for the whole night, then twitches in R."""
    tone = tone_uv(plan, rng)
    _add_tone(canvas, plan, rng, tone)
    _add_twitches(canvas, plan, rng)


def tone_uv(plan: NightPlan, rng: Generator) -> FloatArray:
    """Root mean square of the tone at every full second; shape (n_seconds,), uV."""
    subject = plan.subject
    shares = TONE_SHARE | {Stage.R: subject.emg_rem_share}
    levels = np.log([subject.emg_wake_uv * shares[stage] for stage in STAGES])
    slow = 0.22 * smooth_noise(rng, len(plan.depth), 300.0)
    quick = 0.15 * smooth_noise(rng, len(plan.depth), 4.0)
    wake = 0.35 * smooth_noise(rng, len(plan.depth), 12.0) * plan.weight(Stage.W)
    # Tone may fall a little before R is seen in the EEG, or after.
    weights = gaussian_filter1d(plan.stage_weights, 5.0, axis=0)
    return np.asarray(np.exp(weights @ levels + slow + quick + wake))


def _add_tone(canvas: Canvas, plan: NightPlan, rng: Generator, tone: FloatArray) -> None:
    frequencies = frame_frequencies(canvas.sfreq_hz)
    # Amplifier noise and the heart keep even R from silence.
    shape = (frequencies / 25) ** 2 / (1 + (frequencies / 25) ** 2) / (1 + (frequencies / 90) ** 2)
    shape /= shape.sum() * (frequencies[1] - frequencies[0])
    floor = 0.3 / np.maximum(frequencies, 0.5)
    places = np.minimum(frame_times(plan.duration_s).astype(int), len(tone) - 1)

    def densities(frames: slice) -> FloatArray:
        power = tone[places[frames]] ** 2
        return np.asarray((power[:, None] * shape + floor)[:, None, :])

    row = DERIVATIONS.index(Derivation.CHIN)
    view = canvas.traces[row : row + 1]
    add_coloured_noise(view, rng, np.ones((1, 1)), densities, canvas.sfreq_hz)


def _add_twitches(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    bursts = np.clip(smooth_noise(rng, len(plan.depth), 15.0), 0, None)
    rate = plan.weight(Stage.R) * bursts * TWITCHES_PER_MIN / 60 / 0.4
    for start_s in draw_times(rng, rate, gap_s=0.3):
        length_s = float(np.clip(lognormal(rng, 0.15, 0.4), 0.08, 0.5))
        rms_uv = lognormal(rng, 9, 0.5)
        times = canvas.times(length_s)
        burst = rms_uv * rng.standard_normal(len(times)) * np.sin(np.pi * times / length_s)
        canvas.add(start_s, burst, {Derivation.CHIN: 1.0})
        canvas.note("twitch", Derivation.CHIN, start_s, start_s + length_s, rms_uv=rms_uv)


FAST_GAINS = {
    Derivation.F4: 1.0,
    Derivation.C4: 1.0,
    Derivation.O2: 0.8,
    Derivation.E1: 0.7,
    Derivation.E2: 0.7,
}


def add_arousals(canvas: Canvas, plan: NightPlan, rng: Generator) -> None:
    """Add the arousals of the plan."""
    for spell in plan.arousals:
        _add_arousal(canvas, plan, rng, spell)
        canvas.note("arousal", "all", spell.start_s, spell.end_s)


def _add_arousal(canvas: Canvas, plan: NightPlan, rng: Generator, spell: Spell) -> None:
    subject = plan.subject
    length_s = spell.end_s - spell.start_s
    # Those without alpha in W show theta and fast activity instead.
    frequency_hz = subject.alpha_hz if subject.alpha_producer else rng.uniform(5.5, 7.5)
    gain = rng.uniform(0.5, 1.0) if subject.alpha_producer else rng.uniform(3.0, 5.0)
    add_alpha_train(canvas, plan, rng, spell.start_s, length_s, gain, frequency_hz)
    times = canvas.times(length_s)
    fade = _fade(times, 0.3)
    beta = smooth_noise(rng, len(times), canvas.sfreq_hz * 0.006)
    beta -= smooth_noise(rng, len(times), canvas.sfreq_hz * 0.006 * 1.8)
    canvas.add(spell.start_s, rng.uniform(2.0, 5.0) * fade * beta, FAST_GAINS)
    in_rem = plan.timeline.stage_at(spell.start_s) is Stage.R
    if in_rem or rng.random() < 0.65:
        rms_uv = subject.emg_wake_uv * rng.uniform(0.5, 1.4)
        muscle_s = length_s * rng.uniform(0.5, 1.0)
        _add_muscle(canvas, rng, spell.start_s + rng.uniform(0, 0.4), muscle_s, rms_uv)


def _add_muscle(
    canvas: Canvas, rng: Generator, start_s: float, length_s: float, rms_uv: float
) -> None:
    times = canvas.times(length_s)
    strength = _fade(times, 0.25) * np.exp(
        0.5 * smooth_noise(rng, len(times), 0.4 * canvas.sfreq_hz)
    )
    canvas.add(start_s, rms_uv * strength * _muscle_noise(rng, len(times)), {Derivation.CHIN: 1.0})


def add_movements(
    canvas: Canvas, plan: NightPlan, rng: Generator, *, usual_swing_uv: float = 90
) -> None:
    """Add the body movements of the plan to every trace."""
    for spell in plan.movements:
        _add_movement(canvas, plan, rng, spell, usual_swing_uv)
        canvas.note("movement", "all", spell.start_s, spell.end_s)


def _add_movement(
    canvas: Canvas, plan: NightPlan, rng: Generator, spell: Spell, usual_swing_uv: float
) -> None:
    times = canvas.times(spell.end_s - spell.start_s)
    fade = _fade(times, 0.4)
    swing_uv = lognormal(rng, usual_swing_uv, 0.5)
    muscle_uv = lognormal(rng, 22, 0.4)
    shared = smooth_noise(rng, len(times), 0.18 * canvas.sfreq_hz)
    for derivation in DERIVATIONS:
        chin = derivation is Derivation.CHIN
        own = smooth_noise(rng, len(times), rng.uniform(0.05, 0.3) * canvas.sfreq_hz)
        swing = swing_uv * (0.2 if chin else 1.0) * (0.6 * shared + 0.8 * own)
        rms_uv = 3 * plan.subject.emg_wake_uv if chin else muscle_uv * rng.uniform(0.5, 1.3)
        bursts = np.exp(0.6 * smooth_noise(rng, len(times), 0.3 * canvas.sfreq_hz))
        muscle = rms_uv * bursts * _muscle_noise(rng, len(times))
        canvas.add(spell.start_s, fade * (swing + muscle), {derivation: 1.0})


def _muscle_noise(rng: Generator, count: int) -> FloatArray:
    """White noise without its slow part, as surface EMG; unit variance."""
    noise = np.diff(rng.standard_normal(count + 1))
    return np.asarray(noise / np.sqrt(2))


def _fade(times: FloatArray, edge_s: float) -> FloatArray:
    """Rise from 0 to 1 and fall back within ``edge_s`` at both ends."""
    edge = np.minimum(times, times[-1] - times) / edge_s
    return np.asarray(np.clip(edge, 0, 1))
