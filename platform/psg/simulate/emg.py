"""Chin EMG: tone that falls with sleep and is lowest in R, twitches, and chin muscle in arousals.

Tone by stage follows the AASM manual: variable in W, lower in N1 to N3, in R at the lowest
level of the recording, with short twitches. The spectrum of surface EMG is broad, 20 Hz and up.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter1d

from psg.montage import DERIVATIONS, Derivation
from psg.simulate.canvas import Canvas
from psg.simulate.draws import FloatArray, lognormal, smooth_noise
from psg.simulate.plan import NightPlan
from psg.simulate.points import draw_times
from psg.simulate.synthesis import add_coloured_noise, frame_frequencies, frame_times
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
