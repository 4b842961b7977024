"""What was seen and what was not, one sentence for each part of the picture."""

from __future__ import annotations

from collections.abc import Iterator

from psg.events import (
    alpha,
    blink,
    k_complex,
    movement,
    rapid_eye_movement,
    sawtooth,
    slow_eye_movement,
    slow_wave,
    spindle,
    theta,
    vertex_wave,
)
from psg.events.measures import EpochMeasures
from psg.montage import Derivation
from psg.rules.reader.calibration import Calibration
from psg.rules.reader.phrases import (
    count_of,
    frequencies_of,
    joined,
    seconds,
    sentence,
    sizes_of,
    spans_of,
    times_of,
)
from psg.rules.reader.signs import Signs

EYES = (Derivation.E1, Derivation.E2)


def findings(here: Signs, calibration: Calibration) -> Iterator[str]:
    """Sentences in the order in which an epoch is looked at."""
    if here.hidden:
        yield _hidden(here.here)
    yield _occipital(here.here, calibration)
    yield _background(here, calibration)
    yield _graphoelements(here.here, calibration)
    yield _eyes(here.here, calibration)
    yield _chin(here.here, calibration)
    if here.arousals:
        yield sentence(f"frequency shifts abruptly to faster activity at {spans_of(here.arousals)}")


def _hidden(epoch: EpochMeasures) -> str:
    return sentence(f"movement artefact hides the EEG for {seconds(epoch.seconds(movement.KIND))}")


def _occipital(epoch: EpochMeasures, calibration: Calibration) -> str:
    if Derivation.O2 in calibration.missing:
        return "O2-M1 is missing, so alpha cannot be judged."
    rhythm = epoch.of(alpha.KIND)
    if not rhythm:
        return "No alpha rhythm in O2-M1."
    return sentence(
        f"O2-M1 shows alpha at {frequencies_of(rhythm)} for {seconds(epoch.seconds(alpha.KIND))}"
        f" of the epoch ({spans_of(rhythm)})"
    )


def _background(here: Signs, calibration: Calibration) -> str:
    parts = []
    if Derivation.F4 not in calibration.missing:
        parts.append(_slow_waves(here.here))
    if Derivation.C4 not in calibration.missing:
        parts.append(_theta(here))
    return sentence("; ".join(parts)) if parts else "F4-M1 and C4-M1 are missing."


def _slow_waves(epoch: EpochMeasures) -> str:
    waves = epoch.of(slow_wave.KIND)
    if not waves:
        return "F4-M1 has no slow wave above 75 µV"
    return (
        f"slow waves of {sizes_of(waves)} at {frequencies_of(waves)} in F4-M1 add up to"
        f" {seconds(epoch.seconds(slow_wave.KIND))}"
    )


def _theta(here: Signs) -> str:
    waves = here.here.of(theta.KIND)
    if waves:
        return (
            f"C4-M1 runs in theta at {frequencies_of(waves)} for"
            f" {seconds(here.here.seconds(theta.KIND))}"
        )
    low = "low-amplitude mixed-frequency activity" if here.mixed_frequency else "mixed activity"
    return f"C4-M1 shows {low} without theta runs"


def _graphoelements(epoch: EpochMeasures, calibration: Calibration) -> str:
    seen, absent = [], []
    for kind, noun, derivation in (
        (spindle.KIND, "spindle", Derivation.C4),
        (k_complex.KIND, "K complex", Derivation.F4),
        (vertex_wave.KIND, "vertex sharp wave", Derivation.C4),
        (sawtooth.KIND, "train of sawtooth waves", Derivation.C4),
    ):
        events = epoch.of(kind)
        if events:
            measures = ", ".join(filter(None, (frequencies_of(events), sizes_of(events))))
            name = _trains(len(events)) if kind == sawtooth.KIND else count_of(len(events), noun)
            seen.append(f"{name} in {derivation} {times_of(events)} ({measures})")
        elif kind != sawtooth.KIND and derivation not in calibration.missing:
            absent.append(f"no {noun}")
    return sentence(joined(seen + absent)) if seen or absent else ""


def _trains(count: int) -> str:
    return "a train of sawtooth waves" if count == 1 else f"{count} trains of sawtooth waves"


def _eyes(epoch: EpochMeasures, calibration: Calibration) -> str:
    if set(EYES) <= set(calibration.missing):
        return "Both eye derivations are missing, so eye movements cannot be judged."
    if set(EYES) & set(calibration.missing):
        return "One eye derivation is missing, so conjugate eye movements cannot be judged."
    seen = [
        f"{count_of(epoch.count(kind), noun)} {times_of(epoch.of(kind))}"
        f" ({sizes_of(epoch.of(kind))})"
        for kind, noun in (
            (rapid_eye_movement.KIND, "rapid eye movement"),
            (slow_eye_movement.KIND, "slow eye movement"),
            (blink.KIND, "blink"),
        )
        if epoch.count(kind)
    ]
    if not seen:
        return "E1-M2 and E2-M2 are quiet, without rapid or slow eye movements or blinks."
    none = "" if epoch.count(rapid_eye_movement.KIND) else ", no rapid eye movement"
    return sentence(f"the eye derivations show {joined(seen)}{none}")


def _chin(epoch: EpochMeasures, calibration: Calibration) -> str:
    if epoch.tone_uv is None:
        return "The chin is missing, so low tone cannot be shown."
    level = f"{epoch.tone_uv:.1f} µV RMS"
    if not calibration.has_chin_tone:
        return sentence(
            f"chin tone is {level}, but hardly changes in this recording and tells nothing"
        )
    height = "low" if epoch.tone_is_low else "not low"
    return sentence(f"chin tone is {height} for this night ({level})")
