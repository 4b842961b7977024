"""The findings of an epoch, present and absent, a sentence for each part of the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from psg.events import (
    DetectedEvent,
    alpha,
    blink,
    chin_tone,
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
from psg.events.eyes import without_eeg
from psg.events.faults import Fault
from psg.events.measures import EpochMeasures, seconds_text
from psg.events.unread import fault_sentence, gap_sentence
from psg.montage import Derivation
from psg.rules.reader import deep_sleep
from psg.rules.reader.signs import BESIDE_NON_REM, NightTraits, Signs

MOST_TIMES = 4
LEAST_NAMED_S = 3.0
"""Theta runs and rises of chin tone are named from this length on, a tenth of the epoch."""
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def count_of(count: int, noun: str) -> str:
    """Return the count with its noun: ``no spindle``, ``two spindles``, ``12 spindles``."""
    number = _WORDS[count] if count < len(_WORDS) else str(count)
    return f"{number} {noun}" if count < 2 else f"{number} {plural(noun)}"


def plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith("x") else f"{noun}s"


def joined(parts: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def times_of(events: Sequence[DetectedEvent]) -> str:
    """Start times: ``at 3.1 s``, ``at 3.1, 7.9 and 15.2 s``, with a count of those left out."""
    starts = [f"{event.start_s:.1f}" for event in events[:MOST_TIMES]]
    rest = len(events) - len(starts)
    if rest:
        return f"at {', '.join(starts)} s and {rest} more"
    return f"at {joined(starts)} s"


def spans_of(events: Sequence[DetectedEvent]) -> str:
    """Stretches: ``0.0-12.1 s and 14.0-23.3 s``."""
    spans = [f"{event.start_s:.1f}-{event.end_s:.1f} s" for event in events[:MOST_TIMES]]
    rest = len(events) - len(spans)
    return joined([*spans, f"{rest} more"] if rest else spans)


def sizes_of(events: Sequence[DetectedEvent]) -> str:
    """Peak-to-peak amplitude of an event, or the range over several."""
    sizes = [event.peak_to_peak_uv for event in events if event.peak_to_peak_uv is not None]
    return _range_text(sizes, "{:.0f}", "µV")


def frequencies_of(events: Sequence[DetectedEvent]) -> str:
    pitches = [event.frequency_hz for event in events if event.frequency_hz is not None]
    return _range_text(pitches, "{:.1f}", "Hz")


def sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _range_text(values: Sequence[float], form: str, unit: str) -> str:
    if not values:
        return ""
    low, high = form.format(min(values)), form.format(max(values))
    return f"{low} {unit}" if low == high else f"{low}-{high} {unit}"


EYES = (Derivation.E1, Derivation.E2)


def findings(here: Signs, calibration: NightTraits) -> Iterator[str]:
    """Sentences in the order in which an epoch is looked at."""
    yield _movement(here)
    yield from _faults(here.here)
    calibration = replace(calibration, faulty=tuple(here.here.faults))
    yield _occipital(here.here, calibration)
    yield _background(here, calibration)
    is_small = calibration.frontal_is_small and Derivation.F4 not in here.here.faults
    if is_small and here.here.count(slow_wave.KIND):
        yield "F4-M1 shows the same waves smaller."
    yield _graphoelements(here.here, calibration)
    yield _eyes(here.here, calibration)
    yield _chin(here.here, calibration)
    yield _chin_rises(here.here)
    if calibration.with_ecg:
        yield f"The ECG shows in {joined([name.value for name in calibration.with_ecg])}."
    if here.arousals:
        yield sentence(f"{count_of(len(here.arousals), 'arousal')} at {spans_of(here.arousals)}")


def _movement(here: Signs) -> str:
    stretches = here.here.of(movement.KIND)
    if here.hidden:
        hidden = seconds_text(here.here.seconds(movement.KIND))
        return f"Movement artefact hides the EEG for {hidden}."
    if not stretches:
        return ""
    left = seconds_text(here.here.measured_s())
    return f"Movement artefact at {spans_of(stretches)}. Waves are measured in {left} beside it."


def _faults(epoch: EpochMeasures) -> Iterator[str]:
    """Name the derivations that nothing is read from, those with the same fault together."""
    together: dict[tuple[Fault, ...], list[str]] = {}
    for derivation, faults in epoch.faults.items():
        together.setdefault(faults, []).append(derivation.value)
    for faults, names in together.items():
        yield fault_sentence(names, faults)
    for derivation, gaps in epoch.gaps.items():
        yield gap_sentence(derivation, gaps)


def _is(epoch: EpochMeasures, *places: Derivation) -> str:
    """Why these derivations cannot be read, as the verb of a sentence."""
    verb = "is" if len(places) == 1 else "are"
    is_there = any(not epoch.measured_s(place) for place in places)
    return f"{verb} {'not read' if is_there else 'missing'}"


def _occipital(epoch: EpochMeasures, calibration: NightTraits) -> str:
    if Derivation.O2 in calibration.unread:
        return f"O2-M1 {_is(epoch, Derivation.O2)}, so alpha cannot be judged."
    rhythm = epoch.of(alpha.KIND)
    if not rhythm:
        return "No alpha in O2-M1."
    filled = seconds_text(epoch.seconds(alpha.KIND))
    return f"O2-M1 shows alpha at {frequencies_of(rhythm)} for {filled} ({spans_of(rhythm)})."


def _background(here: Signs, calibration: NightTraits) -> str:
    parts = list(_slow_waves(here, calibration))
    if Derivation.C4 not in calibration.unread:
        parts += _mixed(here, calibration)
    if parts:
        return sentence("; ".join(parts))
    unread = [name for name in (Derivation.F4, Derivation.C4) if name in calibration.unread]
    return f"{joined([name.value for name in unread])} {_is(here.here, *unread)}." if unread else ""


def _frontal(waves: Sequence[DetectedEvent], calibration: NightTraits) -> Derivation:
    """Where waves lie: in the centre where the frontal derivation is not read in this epoch."""
    is_lost = calibration.frontal in calibration.faulty
    return waves[0].derivation if is_lost else calibration.frontal


def _slow_waves(here: Signs, calibration: NightTraits) -> Iterator[str]:
    waves, filled_s = here.here.of(slow_wave.KIND), here.here.seconds(slow_wave.KIND)
    if waves:
        measures = f"{sizes_of(waves)} at {frequencies_of(waves)}"
        place = _frontal(waves, calibration)
        yield f"slow waves of {measures} in {place} add up to {seconds_text(filled_s)}"
    elif calibration.frontal not in calibration.unread:
        yield f"no slow wave above 75 µV in {calibration.frontal}"
    if here.steep_s is not None and max(here.steep_s, filled_s) >= LEAST_NAMED_S:
        low_hz, high_hz = deep_sleep.BAND_HZ
        counted = f"{low_hz:g}-{high_hz:g} Hz, {deep_sleep.LEAST_UV:.0f} µV and more"
        yield f"{seconds_text(here.steep_s)} count for N3 ({counted})"


def _mixed(here: Signs, calibration: NightTraits) -> Iterator[str]:
    if here.mixed_frequency and calibration.frontal not in calibration.faulty:
        yield "low-amplitude mixed-frequency activity in C4-M1"
    filled_s = here.here.seconds(theta.KIND)
    if filled_s >= LEAST_NAMED_S:
        waves = here.here.of(theta.KIND)
        yield f"theta at {frequencies_of(waves)} in C4-M1 for {seconds_text(filled_s)}"


def _graphoelements(epoch: EpochMeasures, calibration: NightTraits) -> str:
    """Waves that are there, then spindle and K complex where they are not: these decide N2."""
    seen, absent = [], []
    for kind, noun, derivation in (
        (spindle.KIND, "spindle", Derivation.C4),
        (k_complex.KIND, "K complex", calibration.frontal),
        (vertex_wave.KIND, "vertex sharp wave", Derivation.C4),
        (sawtooth.KIND, "train of sawtooth waves", Derivation.C4),
    ):
        events = epoch.of(kind)
        if events:
            measures = ", ".join(filter(None, (frequencies_of(events), sizes_of(events))))
            name = _trains(len(events)) if kind == sawtooth.KIND else count_of(len(events), noun)
            place = _frontal(events, calibration) if kind == k_complex.KIND else derivation
            seen.append(f"{name} in {place} {times_of(events)} ({measures})")
        elif kind in (spindle.KIND, k_complex.KIND) and derivation not in calibration.unread:
            absent.append(noun)
    if absent:
        seen.append(f"no {' or '.join(absent)}")
    return sentence(joined(seen)) if seen else ""


def _trains(count: int) -> str:
    return "a train of sawtooth waves" if count == 1 else f"{count} trains of sawtooth waves"


def _eyes(epoch: EpochMeasures, calibration: NightTraits) -> str:
    if set(EYES) <= set(calibration.unread):
        return f"Both eye derivations {_is(epoch, *EYES)}, so eye movements cannot be judged."
    if lost := set(EYES) & set(calibration.unread):
        return (
            f"One eye derivation {_is(epoch, *lost)}, so conjugate eye movements cannot be judged."
        )
    present = [place for place in Derivation if place not in calibration.unread]
    if why := without_eeg(present):
        return why
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
    no_blinks = blink.untold(present)
    if not seen:
        none = "no rapid or slow eye movements" + ("" if no_blinks else " and no blinks")
    else:
        none = "" if epoch.count(rapid_eye_movement.KIND) else ", no rapid eye movement"
        none = f"the eye derivations show {joined(seen)}{none}"
    # What a recording lacks all night is not repeated in every epoch.
    is_said = no_blinks and Derivation.F4 not in calibration.missing
    return f"{sentence(none)} {no_blinks}" if is_said else sentence(none)


def _chin(epoch: EpochMeasures, calibration: NightTraits) -> str:
    if epoch.tone_uv is None:
        return f"The chin {_is(epoch, Derivation.CHIN)}, so low tone cannot be shown."
    level = f"{epoch.tone_uv:.1f} µV RMS"
    if not calibration.has_chin_tone:
        unknown = "in this recording it varies too little to be called low or high"
        return sentence(f"chin tone is {level}; {unknown}")
    if calibration.chin == BESIDE_NON_REM:
        height = "low, below" if epoch.tone_is_low else "not below"
        return sentence(f"chin tone is {height} that of non-REM sleep ({level})")
    height = "low" if epoch.tone_is_low else "not low"
    return sentence(f"chin tone is {height} for this night ({level})")


def _chin_rises(epoch: EpochMeasures) -> str:
    rises = [rise for rise in epoch.of(chin_tone.KIND) if rise.duration_s >= LEAST_NAMED_S]
    return f"Chin tone rises at {spans_of(rises)}." if rises else ""
