"""A whole night from a seed: its signals, its known events, and its preprocessed form."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from psg.epochs import EpochGrid, grid_for
from psg.events import event_kind
from psg.filters import MODEL_SFREQ_HZ, preprocess
from psg.montage import DERIVATIONS, Derivation
from psg.night import SAMPLES_PER_EPOCH, ArrayNight
from psg.simulate.canvas import SFREQ_HZ, Canvas, SimulatedEvent
from psg.simulate.clinical.recipe import CLINICAL
from psg.simulate.draws import component_rng, smooth_noise
from psg.simulate.plan import NightPlan, draw_plan
from psg.simulate.recipe import PLAIN, Difficulty, Recipe
from psg.simulate.references import Reference, measure_against
from psg.simulate.scorers import draw_habits, score, slow_wave_shares
from psg.simulate.stageprocess import draw_timeline
from psg.stages import EPOCH_S, Stage

# Seconds of recording after the last scored epoch.
TAIL_S = 7.0
SLOW_WAVES = {"slow waves", "k complexes", "lone waves"}
SLOW_SFREQ_HZ = 32.0

MASS_LABELS = {
    Derivation.F4: "EEG F4-CLE",
    Derivation.C4: "EEG C4-CLE",
    Derivation.O2: "EEG O2-CLE",
    Derivation.E1: "EOG Left Horiz",
    Derivation.E2: "EOG Right Horiz",
}

RECIPES: Mapping[Difficulty, Recipe] = {
    Difficulty.PLAIN: PLAIN,
    Difficulty.CLINICAL: CLINICAL,
}


@dataclass(frozen=True)
class SimulatedNight:
    """A night whose every event is known.

    Attributes
    ----------
    subject
        Code of the subject, as in file names.
    sfreq_hz, duration_s
        Rate of every signal and length of the recording.
    signals_uv
        Label of the file to float32 trace in uV, shape (n_samples,).
    grid
        The epochs that are scored; the first starts some seconds into the recording.
    stages
        The reference expert's stages, for each epoch of the grid. The truth is in ``plan``.
    events
        In order of time.
    plan
        The true course of the night: stages in continuous time and the subject.
    difficulty
        How close the night is to recordings of sleep laboratories.
    reference
        What the signals are measured against. Channels and sizes of events are always those
        against the mastoids.
    """

    subject: str
    seed: int
    sfreq_hz: float
    duration_s: float
    signals_uv: Mapping[str, NDArray[np.float32]]
    grid: EpochGrid
    stages: list[Stage | None]
    events: tuple[SimulatedEvent, ...]
    plan: NightPlan
    difficulty: Difficulty
    reference: Reference


def simulate_night(
    *,
    hours: float,
    seed: int,
    subject: str = "01-09-0001",
    difficulty: Difficulty = Difficulty.PLAIN,
    reference: Reference = Reference.MASTOIDS,
) -> SimulatedNight:
    """Simulate a night of sleep.

    Parameters
    ----------
    hours
        Length of the scored part; ``hours * 120`` epochs are scored.
    seed
        The same seed gives the same night.
    subject
        Code to carry in the file names. It does not change the signals.
    difficulty
        How close the night is to recordings of sleep laboratories.
    reference
        What the EEG and the eye channels are measured against; stages and events stay the same.
    """
    if not hours * 3600 >= EPOCH_S:
        raise ValueError("A simulated night needs at least one epoch, 30 s.")
    if seed < 0:
        raise ValueError("The seed is a whole number from 0 up.")
    _check_subject(subject)
    recipe = RECIPES[difficulty]
    grid, plan = _draw_course(recipe, hours, seed)
    canvas = Canvas(plan.duration_s)
    for name, add in recipe.generators.items():
        add(canvas, plan, component_rng(seed, name))
    ecg = recipe.add_heart(canvas, plan, component_rng(seed, "heart"))
    measure_against(canvas, reference)
    return SimulatedNight(
        subject=subject,
        seed=seed,
        sfreq_hz=canvas.sfreq_hz,
        duration_s=plan.duration_s,
        signals_uv=_signals(canvas, ecg, component_rng(seed, "chin electrodes")),
        grid=grid,
        stages=_scored(recipe, plan, grid, canvas.events, seed),
        events=tuple(sorted(canvas.events, key=lambda event: (event.start_s, event.kind))),
        plan=plan,
        difficulty=difficulty,
        reference=reference,
    )


def reference_stages(*, hours: float, seed: int, difficulty: Difficulty) -> list[Stage | None]:
    """Stages of a night by the reference expert, without its signals: within an epoch or two.

    Only the slow waves on which N3 depends are made, at a low rate.
    """
    recipe = RECIPES[difficulty]
    grid, plan = _draw_course(recipe, hours, seed)
    canvas = Canvas(plan.duration_s, SLOW_SFREQ_HZ)
    for name in SLOW_WAVES & recipe.generators.keys():
        recipe.generators[name](canvas, plan, component_rng(seed, name))
    return _scored(recipe, plan, grid, canvas.events, seed)


def scorer_labels(night: SimulatedNight, scorer_seed: int) -> list[Stage | None]:
    """Score a night as another plausible expert would.

    The same scorer seed is the same expert, on every night. Expect a kappa of 0.75-0.9 against
    ``night.stages``.
    """
    habits = draw_habits(component_rng(scorer_seed, "habits"))
    rng = component_rng(scorer_seed, f"scores of night {night.seed}")
    shares = slow_wave_shares(night.events, night.grid)
    return score(night.plan.timeline, night.grid, shares, habits, rng)


def _check_subject(subject: str) -> None:
    """Refuse a code that cannot stand in a file name and in the header of an EDF file."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", subject):
        raise ValueError("A subject code holds 1-40 letters, digits, hyphens and underscores.")


def _draw_course(recipe: Recipe, hours: float, seed: int) -> tuple[EpochGrid, NightPlan]:
    grid, duration_s = _draw_grid(component_rng(seed, "grid"), hours)
    person = recipe.draw_subject(seed)
    timeline = draw_timeline(component_rng(seed, "stages"), person, duration_s, recipe.stages)
    return grid, draw_plan(component_rng(seed, "plan"), person, timeline, duration_s)


def _scored(
    recipe: Recipe, plan: NightPlan, grid: EpochGrid, events: list[SimulatedEvent], seed: int
) -> list[Stage | None]:
    habits = recipe.draw_reference(component_rng(seed, "reference habits"))
    rng = component_rng(seed, "reference scorer")
    return score(plan.timeline, grid, slow_wave_shares(events, grid), habits, rng)


def _draw_grid(rng: Generator, hours: float) -> tuple[EpochGrid, float]:
    """Scoring starts some seconds into the recording; the recording ends on a full second."""
    epoch0_s = round(float(rng.uniform(1.0, 22.0)), 1)
    epochs = int(hours * 3600 / EPOCH_S)
    duration_s = float(np.ceil(epoch0_s + epochs * EPOCH_S + TAIL_S))
    return grid_for(duration_s, epoch0_s=epoch0_s), duration_s


def _signals(
    canvas: Canvas, ecg: NDArray[np.float32], rng: Generator
) -> dict[str, NDArray[np.float32]]:
    """Give the traces the labels of a MASS file, the chin as two electrodes to be subtracted."""
    signals = {label: canvas.row(derivation) for derivation, label in MASS_LABELS.items()}
    chin = canvas.row(Derivation.CHIN)
    seconds = np.arange(int(canvas.duration_s * 4) + 2) / 4
    sway = 12 * smooth_noise(rng, len(seconds), 3.0)
    shared: NDArray[np.float32] = np.interp(np.arange(len(chin)) / SFREQ_HZ, seconds, sway).astype(
        np.float32
    )
    shared += canvas.row(Derivation.C4) * np.float32(0.2)
    half = chin * np.float32(0.5)
    signals["EMG Chin1"] = np.add(shared, half, dtype=np.float32)
    signals["EMG Chin2"] = np.subtract(shared, half, dtype=np.float32)
    signals["ECG ECGI"] = ecg
    return signals


# The night as it would be stored: six derivations, preprocessed and cut into epochs.


def preprocessed(night: SimulatedNight) -> ArrayNight:
    """The scored part of a night at 100 Hz."""
    start = round(night.grid.epoch0_s * MODEL_SFREQ_HZ)
    stop = start + night.grid.epoch_count * SAMPLES_PER_EPOCH
    traces = [
        preprocess(_signal_uv(night, name), night.sfreq_hz, name)[start:stop]
        for name in DERIVATIONS
    ]
    epochs_uv = np.stack(traces, axis=1).reshape(-1, SAMPLES_PER_EPOCH, len(traces))
    return ArrayNight(
        DERIVATIONS, np.ascontiguousarray(epochs_uv.transpose(0, 2, 1), dtype=np.float32)
    )


def _signal_uv(night: SimulatedNight, derivation: Derivation) -> NDArray[np.float32]:
    if derivation is Derivation.CHIN:
        return night.signals_uv["EMG Chin1"] - night.signals_uv["EMG Chin2"]
    return night.signals_uv[MASS_LABELS[derivation]]


# The known events, in the kinds and seconds of the detectors.

KINDS = (
    "spindle",
    "k_complex",
    "slow_wave",
    "alpha",
    "vertex_wave",
    "sawtooth",
    "rem",
    "sem",
    "blink",
    "arousal",
    "movement",
)
LASTING = tuple(kind for kind in KINDS if (known := event_kind(kind)) and known.is_lasting)
ALSO_RIGHT = {"slow_wave": ("k_complex",)}
"""A K complex is a wave of 0.5-2 Hz and more than 75 uV: who calls it a slow wave is right."""
_LEAST_SLOW_WAVE_UV = 75.0


def known_events(night: SimulatedNight) -> dict[str, list[SimulatedEvent]]:
    """Events by kind, with every kind as a key; times in seconds from the first epoch."""
    shift_s = night.grid.epoch0_s
    return events_by_kind(
        replace(event, start_s=event.start_s - shift_s, end_s=event.end_s - shift_s)
        for event in night.events
    )


def events_by_kind(events: Iterable[SimulatedEvent]) -> dict[str, list[SimulatedEvent]]:
    """Sort events by the detectors' kinds, with every kind as a key; others are left out."""
    by_kind: dict[str, list[SimulatedEvent]] = {kind: [] for kind in KINDS}
    for event in events:
        kind = _kind(event)
        if kind in by_kind:
            by_kind[kind].append(event)
    return by_kind


def _kind(event: SimulatedEvent) -> str | None:
    """The detectors' kind: eyes move as rapidly awake as in R; small waves are no slow waves."""
    if event.kind == "waking_rem":
        return "rem"
    is_small = event.parameters.get("peak_to_peak_uv", 0.0) < _LEAST_SLOW_WAVE_UV
    return None if event.kind == "slow_wave" and is_small else event.kind
