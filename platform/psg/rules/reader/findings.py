"""The facts of an epoch, a sentence for each part of the picture: what is measured, and detected
events of kinds that are trusted (`trusted`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from psg.events import (
    DetectedEvent,
    alpha,
    arousal,
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
from psg.montage import EOG_DERIVATIONS, Derivation
from psg.rules.reader import deep_sleep
from psg.rules.reader.signs import BESIDE_NON_REM, NightTraits, Signs
from psg.rules.reader.trusted import absence_is_fact, is_fact, known_kind, noun_of

MOST_TIMES = 4
LEAST_NAMED_S = 3.0
"""Seconds that count for N3 are named from this number on, a tenth of the epoch."""
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def count_of(count: int, noun: str) -> str:
    """Return the count with its noun: ``no spindle``, ``two spindles``, ``12 spindles``."""
    number = _WORDS[count] if count < len(_WORDS) else str(count)
    return f"{number} {noun}" if count < 2 else f"{number} {plural(noun)}"


def plural(noun: str) -> str:
    """``K complexes``, ``trains of sawtooth waves``."""
    head, of, rest = noun.partition(" of ")
    return f"{head}{'es' if head.endswith('x') else 's'}{of}{rest}"


def joined(parts: Sequence[str], by: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {by} {parts[-1]}"


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
    yield _events(here.here, calibration)
    yield _eyes(here.here, calibration)
    yield _chin(here.here, calibration)
    if calibration.with_ecg:
        yield f"The ECG shows in {joined([name.value for name in calibration.with_ecg])}."
    if calibration.without_mastoid:
        yield "The reference is probably not a mastoid, so the stage is less certain."


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
    if Derivation.O2 not in calibration.unread:
        return ""
    return f"O2-M1 {_is(epoch, Derivation.O2)}, so alpha cannot be judged."


def _background(here: Signs, calibration: NightTraits) -> str:
    if parts := list(_slow_waves(here, calibration)):
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
        name = plural(noun_of(slow_wave.KIND))
        yield f"{name} of {measures} in {place} add up to {seconds_text(filled_s)}"
    elif calibration.frontal not in calibration.unread and absence_is_fact(slow_wave.KIND):
        yield f"no slow wave above 75 µV in {calibration.frontal}"
    if here.steep_s is not None and max(here.steep_s, filled_s) >= LEAST_NAMED_S:
        low_hz, high_hz = deep_sleep.BAND_HZ
        counted = f"{low_hz:g}-{high_hz:g} Hz, {deep_sleep.LEAST_UV:.0f} µV and more"
        yield f"{seconds_text(here.steep_s)} count for N3 ({counted})"


_NAMED_ALWAYS = (
    spindle.KIND,
    k_complex.KIND,
    vertex_wave.KIND,
    alpha.KIND,
    theta.KIND,
    sawtooth.KIND,
    rapid_eye_movement.KIND,
    slow_eye_movement.KIND,
    blink.KIND,
    arousal.KIND,
)
"""Where they are trusted; movement, slow waves and the chin have sentences of their own."""


def _events(epoch: EpochMeasures, calibration: NightTraits) -> str:
    """Events of trusted kinds, then those kinds of which it is known that there are none."""
    seen = [kind for kind in _NAMED_ALWAYS if epoch.count(kind) and is_fact(kind)]
    absent: dict[str, list[str]] = {}
    for kind in _NAMED_ALWAYS:
        places = _searched(kind, calibration)
        is_read = not set(places) & set(calibration.unread)
        if not epoch.count(kind) and absence_is_fact(kind) and is_read:
            absent.setdefault(_in(places[0]), []).append(known_kind(kind).noun)
    texts = [events_text(kind, epoch, calibration) for kind in seen]
    texts += [f"no {joined(nouns, by='or')}{where}" for where, nouns in absent.items()]
    return sentence(joined(texts)) if texts else ""


def _in(place: Derivation) -> str:
    return "" if place in EOG_DERIVATIONS else f" in {place}"


def _searched(kind_id: str, calibration: NightTraits) -> tuple[Derivation, ...]:
    return (calibration.frontal,) if kind_id == k_complex.KIND else known_kind(kind_id).searched


def events_text(kind_id: str, epoch: EpochMeasures, calibration: NightTraits) -> str:
    """Number, place, times and measures of the events of a kind in an epoch."""
    kind, events = known_kind(kind_id), epoch.of(kind_id)
    if kind.is_lasting:
        filled = f"{seconds_text(epoch.seconds(kind_id))} ({spans_of(events)})"
        return f"{noun_of(kind_id)} in {kind.searched[0]} at {frequencies_of(events)} for {filled}"
    name = count_of(len(events), noun_of(kind_id))
    if kind_id in (arousal.KIND, chin_tone.KIND):
        return f"{name} at {spans_of(events)}"
    place = _frontal(events, calibration) if kind_id == k_complex.KIND else kind.searched[0]
    measures = ", ".join(filter(None, (frequencies_of(events), sizes_of(events))))
    return f"{name}{_in(place)} {times_of(events)} ({measures})"


def _eyes(epoch: EpochMeasures, calibration: NightTraits) -> str:
    """Why movements of the eyes cannot be judged; nothing where they can."""
    if set(EOG_DERIVATIONS) <= set(calibration.unread):
        return (
            f"Both eye derivations {_is(epoch, *EOG_DERIVATIONS)}, so eye movements cannot be"
            " judged."
        )
    if lost := set(EOG_DERIVATIONS) & set(calibration.unread):
        return (
            f"One eye derivation {_is(epoch, *lost)}, so conjugate eye movements cannot be judged."
        )
    return without_eeg([place for place in Derivation if place not in calibration.unread])


def _chin(epoch: EpochMeasures, calibration: NightTraits) -> str:
    if epoch.tone_uv is None:
        return f"The chin {_is(epoch, Derivation.CHIN)}, so low tone cannot be shown."
    level = f"Chin tone is {epoch.tone_uv:.1f} µV RMS"
    if not calibration.has_chin_tone:
        return f"{level}; in this recording it varies too little to be called low or high."
    beside = tone_beside(calibration, is_low=bool(epoch.tone_is_low))
    return f"{level}; in this recording that is {beside}."


def tone_beside(calibration: NightTraits, *, is_low: bool) -> str:
    """Say with what chin tone was compared: that is measured, unlike its being low."""
    if calibration.chin == BESIDE_NON_REM:
        return "below that of non-REM sleep" if is_low else "not below that of non-REM sleep"
    return f"{'below' if is_low else 'above'} the middle of its range"
