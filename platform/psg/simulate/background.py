"""The background EEG: falling spectra by stage, shared between derivations.

The power density falls with frequency roughly as 1/f^2, more steeply in N3 and R than in
wakefulness (He et al. 2010, Neuron 66:353; Lendner et al. 2020, eLife 9:e55092). The anchors
below are densities at C4 against the mastoid with the waveforms of the other generators left
out; they give band powers in the order of those in Purcell et al. 2017 (Nat Commun 8:15930)
and the spectra by stage in Finelli et al. 2001 (Eur J Neurosci 13:2282).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.random import Generator

from psg.montage import DERIVATIONS, Derivation
from psg.simulate.canvas import Canvas
from psg.simulate.draws import (
    HOP_S,
    FloatArray,
    add_coloured_noise,
    frame_frequencies,
    frame_times,
    smooth_noise,
)
from psg.simulate.plan import NightPlan
from psg.stages import STAGES, Stage

ANCHORS_HZ = (0.25, 0.5, 1, 2, 4, 6, 8, 10, 13, 16, 20, 30, 45, 70, 128)
DENSITIES_UV2_HZ = {
    Stage.W: (30, 24, 14, 6.0, 3.0, 2.3, 2.0, 1.8, 1.3, 1.05, 0.85, 0.45, 0.25, 0.16, 0.08),
    Stage.N1: (40, 36, 25, 13, 7.5, 5.0, 2.8, 1.7, 1.1, 0.75, 0.5, 0.2, 0.08, 0.04, 0.02),
    Stage.N2: (70, 75, 55, 26, 9.5, 5.2, 2.9, 2.0, 1.4, 0.75, 0.32, 0.10, 0.03, 0.02, 0.01),
    Stage.N3: (160, 260, 190, 62, 16, 7.5, 3.6, 2.2, 1.3, 0.6, 0.24, 0.07, 0.02, 0.012, 0.01),
    Stage.R: (30, 30, 21, 11, 5.8, 4.2, 2.3, 1.5, 0.9, 0.65, 0.45, 0.16, 0.06, 0.03, 0.015),
}
# Amplitude against C4, below 4 Hz and above 8 Hz.
SLOW_GAIN = {"F4": 1.18, "C4": 1.0, "O2": 0.62, "E1": 0.62, "E2": 0.62}
FAST_GAIN = {"F4": 0.95, "C4": 1.0, "O2": 0.85, "E1": 0.6, "E2": 0.6}
LOOK_ALIKE_SD_S = 30.0
HEAD = (Derivation.F4, Derivation.C4, Derivation.O2, Derivation.E1, Derivation.E2)
# Columns: a source that all share (the mastoid sees it too), a frontal source, a posterior
# source, and a source of its own for each derivation.
_SHARES = np.array(
    [
        [0.62, 0.58, 0.05, 0.52, 0, 0, 0, 0],
        [0.66, 0.33, 0.30, 0, 0.60, 0, 0, 0],
        [0.48, 0.05, 0.60, 0, 0, 0.64, 0, 0],
        [0.42, 0.60, 0.02, 0, 0, 0, 0.68, 0],
        [0.50, 0.60, 0.02, 0, 0, 0, 0, 0.62],
    ]
)
MIXING = _SHARES / np.linalg.norm(_SHARES, axis=1, keepdims=True)


def add_background(
    canvas: Canvas,
    plan: NightPlan,
    rng: Generator,
    densities_uv2_hz: Mapping[Stage, Sequence[float]] = DENSITIES_UV2_HZ,
) -> None:
    """Add stage-dependent background activity to the EEG and EOG traces."""
    frequencies = frame_frequencies(canvas.sfreq_hz)
    by_stage = _stage_densities(frequencies, plan.subject.spectral_tilt, densities_uv2_hz)
    gains = _derivation_gains(frequencies) * plan.subject.background_gain**2
    weights = _look_alikes(rng, _frame_weights(plan))
    wander = _wander(rng, len(weights), frequencies)

    def densities(frames: slice) -> FloatArray:
        spectra = np.exp(weights[frames] @ np.log(by_stage)) * wander(frames)
        return spectra[:, None, :] * gains[None, :, :]

    rows = [DERIVATIONS.index(derivation) for derivation in HEAD]
    view = canvas.traces[rows[0] : rows[-1] + 1]
    add_coloured_noise(view, rng, MIXING, densities, canvas.sfreq_hz)


def _stage_densities(
    frequencies: FloatArray, tilt: float, densities_uv2_hz: Mapping[Stage, Sequence[float]]
) -> FloatArray:
    """Densities by stage and frequency, shape (5, n_frequencies), in uV^2/Hz at C4."""
    log_f = np.log(np.maximum(frequencies, ANCHORS_HZ[0]))
    rows = [
        np.interp(log_f, np.log(ANCHORS_HZ), np.log(densities_uv2_hz[stage])) for stage in STAGES
    ]
    return np.exp(np.array(rows) - tilt * (log_f - np.log(5.0)))


def _derivation_gains(frequencies: FloatArray) -> FloatArray:
    """Power gains by derivation and frequency, shape (5, n_frequencies)."""
    share = np.clip(np.log2(np.maximum(frequencies, 1.0) / 4), 0, 1)
    slow = np.array([SLOW_GAIN[derivation.name] for derivation in HEAD])[:, None]
    fast = np.array([FAST_GAIN[derivation.name] for derivation in HEAD])[:, None]
    return ((1 - share) * slow + share * fast) ** 2


def _frame_weights(plan: NightPlan) -> FloatArray:
    """Stage weights by frame, N2 and N3 shared out by the depth of sleep; shape (n_frames, 5)."""
    times = frame_times(plan.duration_s)
    places = np.minimum(times.astype(int), len(plan.depth) - 1)
    weights = plan.stage_weights[places].copy()
    deep = np.clip((plan.depth[places] - 0.1) / 0.6, 0, 1.15)
    spindle_sleep = weights[:, 2] + weights[:, 3]
    weights[:, 3] = spindle_sleep * deep
    weights[:, 2] = spindle_sleep * (1 - deep)
    return weights


def _look_alikes(rng: Generator, weights: FloatArray) -> FloatArray:
    """Let N2 and R look alike at times: without their waveforms both are low and mixed."""
    n2, rem = STAGES.index(Stage.N2), STAGES.index(Stage.R)
    blurred = weights.copy()
    for stage, other in ((n2, rem), (rem, n2)):
        noise = smooth_noise(rng, len(weights), LOOK_ALIKE_SD_S / HOP_S)
        moved = np.clip(0.55 * noise - 0.1, 0, 0.9) * weights[:, stage]
        blurred[:, stage] -= moved
        blurred[:, other] += moved
    return blurred


def _wander(
    rng: Generator, frame_count: int, frequencies: FloatArray
) -> Callable[[slice], FloatArray]:
    """Slow random rise and fall of the slow and the fast half of the spectrum."""
    correlation = 8.0 / HOP_S
    slow = 0.35 * smooth_noise(rng, frame_count, correlation)
    fast = 0.22 * smooth_noise(rng, frame_count, correlation)
    share = np.clip(np.log2(np.maximum(frequencies, 0.5) / 4) / 4 + 0.5, 0, 1)

    def at(frames: slice) -> FloatArray:
        level = slow[frames, None] * (1 - share) + fast[frames, None] * share
        return np.asarray(np.exp(level))

    return at
