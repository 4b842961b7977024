"""Faults of electrodes and other artefacts in single derivations, second by second.

They are no events: nobody stages on them. In the seconds of a fault, and beside them, nothing is
read from its derivation (`psg.events.unread`). A movement, which hides several derivations, is an
event (`psg.events.movement`); in a recording of a single derivation it cannot be told from pops and
loose electrodes.

Words and causes of artefacts follow Tatum et al., "Artifact and recording concepts in EEG", Journal
of Clinical Neurophysiology 28 (2011). It gives no numbers: all limits here are ours. They were
set to lie beyond every clean stretch of the real recordings at hand (named beside them).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.signal import detrend

from psg.montage import EEG_DERIVATIONS, EOG_DERIVATIONS, Derivation
from psg.night import SAMPLES_PER_EPOCH
from psg.stages import EPOCH_S

Array = NDArray[np.floating]
Flags = NDArray[np.bool_]

SFREQ_HZ = 100
_SECONDS = int(EPOCH_S)
_HEAD = (*EEG_DERIVATIONS, *EOG_DERIVATIONS)


class Fault(StrEnum):
    """A fault; the value is its name in evidence, ``noun`` its name in a sentence."""

    FLAT = "flat_signal"
    SATURATED = "saturated"
    POPS = "electrode_pops"
    LOOSE = "loose_electrode"
    SWEAT = "sweat"
    SAME_EYES = "same_eyes"
    MAINS = "mains"

    @property
    def noun(self) -> str:
        return _NOUNS[self]


_NOUNS = {
    Fault.FLAT: "a flat line",
    Fault.SATURATED: "a saturated amplifier",
    Fault.POPS: "electrode pops",
    Fault.LOOSE: "jumps or noise as of a loose electrode",
    Fault.SWEAT: "a slow sway as of sweat",
    Fault.SAME_EYES: "the same signal as the other eye",
    Fault.MAINS: "mostly hum of the mains",
}


@dataclass(frozen=True)
class FaultyStretch:
    """Whole seconds of an epoch in which a derivation has a fault."""

    fault: Fault
    start_s: float
    end_s: float


EpochFaults = Mapping[Derivation, tuple[FaultyStretch, ...]]
"""The faults of an epoch; derivations without one are left out."""


def faults_of(signals: Mapping[Derivation, Array]) -> list[EpochFaults]:
    """Return the faults of adjacent epochs, each signal (epochs, 3000) in uV at 100 Hz."""
    signals = {name: np.asarray(signal, dtype=np.float64) for name, signal in signals.items()}
    count = min((len(signal) for signal in signals.values()), default=0)
    found: list[dict[Derivation, tuple[FaultyStretch, ...]]] = [{} for _ in range(count)]
    for derivation, fault, seconds in _all(signals) if count else ():
        for epoch in np.flatnonzero(seconds.any(axis=1)).tolist():
            stretches = tuple(FaultyStretch(fault, *span) for span in spans_of(seconds[epoch]))
            found[epoch][derivation] = (*found[epoch].get(derivation, ()), *stretches)
    return list(found)


def spans_of(seconds: Flags | np.bool_) -> list[tuple[float, float]]:
    """Return start and end, in s, of each run of flagged seconds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], seconds, [False]]).astype(int)))
    return [(float(start), float(end)) for start, end in edges.reshape(-1, 2)]


def _all(signals: Mapping[Derivation, Array]) -> Iterator[tuple[Derivation, Fault, Flags]]:
    """The faulty seconds of each derivation and fault; (epochs, 30)."""
    head = {name: signals[name] for name in signals if name in _HEAD}
    for name, signal in signals.items():
        flat, saturated = _dead(signal)
        yield name, Fault.FLAT, flat
        yield name, Fault.SATURATED, saturated
    yield from ((name, Fault.POPS, seconds) for name, seconds in _pops(head))
    yield from ((name, Fault.LOOSE, seconds) for name, seconds in _loose(head))
    yield from ((name, Fault.SWEAT, _throughout(epochs)) for name, epochs in _sweat(head))
    if set(EOG_DERIVATIONS) <= set(signals):
        same = _throughout(_same(*(signals[name] for name in EOG_DERIVATIONS)))
        yield from ((name, Fault.SAME_EYES, same) for name in EOG_DERIVATIONS)
    if Derivation.CHIN in signals:
        yield Derivation.CHIN, Fault.MAINS, _throughout(_mostly_hum(signals[Derivation.CHIN]))


def _throughout(epochs: Flags) -> Flags:
    return np.repeat(epochs[:, None], _SECONDS, axis=1)


# Flat and saturated: no electrode on skin is without fast activity; a saturated amplifier has none
# either, on a level far away that the high-pass filter then draws back to the middle.

DEAD_HZ = (10.0, 35.0)
DEAD_RMS_UV = 0.15
"""The quietest half second of the real recordings has 0.33 uV."""
LEAST_FLAT_S = 3.0
SATURATED_UV = 300.0
"""How far out a dead half second, or one beside it, lies when it is saturated."""
_HALVES = 2 * _SECONDS


def _dead(signal: Array) -> tuple[Flags, Flags]:
    """Seconds without activity of epochs with 3 s of them, or of epochs that have some far out."""
    halves = signal.reshape(len(signal), _HALVES, -1)
    dead = _rms(detrend(halves, axis=2), *DEAD_HZ) < DEAD_RMS_UV
    is_far = _with_neighbours(np.abs(halves).max(axis=2)) >= SATURATED_UV
    saturated = np.asarray((dead & is_far).any(axis=1))
    flat = (0.5 * dead.sum(axis=1) >= LEAST_FLAT_S) & ~saturated
    return _in_seconds(dead & flat[:, None]), _in_seconds((dead | is_far) & saturated[:, None])


# Pops: steps within 30 ms that no other derivation has.

POP_S = 0.03
POP_UV = 100.0
TIMES_OWN = 2.5
"""How far the step lies above the median over the seconds of the epoch of their steepest steps."""
POP_TIMES_OTHERS = 4.0
"""K complexes have steps up to 116 uV, saccades up to 286 uV; other derivations share them."""
_WINDOWS = 4  # in a second


def _pops(head: Mapping[Derivation, Array]) -> Iterator[tuple[Derivation, Flags]]:
    steps = {name: _steps(signal) for name, signal in head.items()}
    around = {name: _with_neighbours(step) for name, step in steps.items()}
    for name, step in steps.items():
        own = np.median(step.reshape(len(step), _SECONDS, _WINDOWS).max(axis=2), axis=1)
        others = _others(around, name)
        if others is None:
            continue
        least = np.maximum(POP_UV, POP_TIMES_OTHERS * others)
        yield name, _in_seconds((step >= least) & (step >= TIMES_OWN * own[:, None]))


def _steps(signal: Array) -> Array:
    """Largest step within 30 ms in each quarter of a second; (epochs, 120)."""
    lag = round(POP_S * SFREQ_HZ)
    flat = signal.reshape(-1)
    step = np.zeros_like(flat)
    step[lag:] = np.abs(flat[lag:] - flat[:-lag])
    return np.asarray(step.reshape(len(signal), _SECONDS * _WINDOWS, -1).max(axis=2))


def _with_neighbours(step: Array) -> Array:
    """The largest of each value and those beside it, along the second axis."""
    wide = step.copy()
    wide[:, 1:] = np.maximum(wide[:, 1:], step[:, :-1])
    wide[:, :-1] = np.maximum(wide[:, :-1], step[:, 1:])
    return wide


# Loose: swings or fast noise for some seconds that other derivations do not share.

LEAST_SWING_UV = 150.0
SWING_TIMES_OTHERS = 4.0
LEAST_NOISE_UV = 8.0
NOISE_HZ = (20.0, 35.0)
NOISE_TIMES_OTHERS = 4.0
LEAST_LOOSE_S = 3


def _loose(head: Mapping[Derivation, Array]) -> Iterator[tuple[Derivation, Flags]]:
    swings = {name: np.ptp(_seconds(signal), axis=2) for name, signal in head.items()}
    noises = {name: _rms(_seconds(signal), *NOISE_HZ) for name, signal in head.items()}
    for name in head:
        swing, noise = _others(swings, name), _others(noises, name)
        if swing is None or noise is None:
            continue
        is_loose = swings[name] >= np.maximum(LEAST_SWING_UV, SWING_TIMES_OTHERS * swing)
        is_loose |= noises[name] >= np.maximum(LEAST_NOISE_UV, NOISE_TIMES_OTHERS * noise)
        yield name, is_loose & (is_loose.sum(axis=1) >= LEAST_LOOSE_S)[:, None]


def _others(sizes: Mapping[Derivation, Array], name: Derivation) -> Array | None:
    """What is usual in other derivations; for an eye at least what the other eye has."""
    others = {other: size for other, size in sizes.items() if other is not name}
    if not others:
        return None
    usual = np.median(np.stack(list(others.values())), axis=0)
    eyes = [size for other, size in others.items() if {name, other} <= set(EOG_DERIVATIONS)]
    return np.asarray(np.maximum(usual, eyes[0]) if eyes else usual)


# Sweat: a sway below the slow waves of sleep that goes on for a minute or more. Slow waves bring
# faster ones along. The eyes roll slowly too, but against each other: only what both share counts.

SWAY_HZ, ABOVE_SWAY_HZ = (0.2, 0.65), (1.1, 4.0)
LEAST_SWAY_RMS_UV = 10.0
LEAST_SWAY_SHARE = 1.5
"""Sway beside the activity above it. In lasting stretches N3 has up to 1.0, eyes in R up to 1.4."""
LEAST_SHARE_OF_THIRD = 0.7
"""The same in each third of the epoch; K complexes and movements come and go."""
SMOOTH_HZ, ABOVE_SMOOTH_HZ = (0.2, 1.0), (1.2, 4.0)
LEAST_SMOOTH_RMS_UV = 15.0
LEAST_SMOOTH_SHARE = 4.0
"""A sway up to 1 Hz with hardly anything above it, in each third; slow waves have up to 2.4."""
LEAST_SWEAT_EPOCHS = 2


def _sweat(head: Mapping[Derivation, Array]) -> Iterator[tuple[Derivation, Flags]]:
    eyes = [head[name] for name in EOG_DERIVATIONS if name in head]
    for name, signal in head.items():
        is_eye = name in EOG_DERIVATIONS
        sways = _sways(np.mean(eyes, axis=0) if is_eye else signal)
        if not is_eye or len(eyes) == 2:
            yield name, _lasting(sways & _sways(signal), LEAST_SWEAT_EPOCHS)


def _sways(signal: Array) -> Flags:
    thirds = signal.reshape(len(signal), 3, -1)
    sway, above = _rms(signal, *SWAY_HZ), _rms(signal, *ABOVE_SWAY_HZ)
    part, above_part = _rms(thirds, *SWAY_HZ), _rms(thirds, *ABOVE_SWAY_HZ)
    sways = (sway >= LEAST_SWAY_RMS_UV) & (sway >= LEAST_SWAY_SHARE * above)
    sways &= (part >= LEAST_SHARE_OF_THIRD * above_part).all(axis=1)
    smooth, above_smooth = _rms(thirds, *SMOOTH_HZ), _rms(thirds, *ABOVE_SMOOTH_HZ)
    is_smooth = (smooth >= LEAST_SMOOTH_RMS_UV) & (smooth >= LEAST_SMOOTH_SHARE * above_smooth)
    return np.asarray(sways | is_smooth.all(axis=1))


def _lasting(flags: Flags, least: int) -> Flags:
    """Keep runs of at least so many epochs."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    kept = np.zeros_like(flags)
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        kept[start:stop] = stop - start >= least
    return kept


# Both eyes equal: one electrode recorded, or chosen, twice.

SAME = 0.99
"""Correlation; shared slow waves of N3 reach 0.95."""


def _same(left: Array, right: Array) -> Flags:
    left, right = (eye - eye.mean(axis=1, keepdims=True) for eye in (left, right))
    product = (left * right).sum(axis=1)
    size = np.sqrt(np.square(left).sum(axis=1) * np.square(right).sum(axis=1))
    return np.asarray((size > 0) & (np.abs(product) >= SAME * size))


# Mains in the chin: at 100 Hz a line of 60 Hz lies at 40 Hz. The bands of EEG and EOG end below.

HUM_HZ = (20.0, 50.0)
HUM_HALF_HZ = 0.5
LEAST_HUM_SHARE = 0.5
"""Share of the power of the chin in a single line; muscle spreads over the whole band."""


def _mostly_hum(chin: Array) -> Flags:
    hz, power = _spectrum(chin)
    whole = power[:, hz >= 10].sum(axis=1)
    inside = hz >= HUM_HZ[0]
    half = round(HUM_HALF_HZ * EPOCH_S)
    line = power[:, inside]
    highest = np.argmax(line, axis=1)
    places = np.clip(highest[:, None] + np.arange(-half, half + 1), 0, line.shape[1] - 1)
    of_line = np.take_along_axis(line, places, axis=1).sum(axis=1)
    return np.asarray((whole > 0) & (of_line >= LEAST_HUM_SHARE * whole))


def _in_seconds(parts: Flags) -> Flags:
    """Flag the seconds that have a flagged part; (epochs, parts) to (epochs, 30)."""
    return np.asarray(parts.reshape(len(parts), _SECONDS, -1).any(axis=2))


def _seconds(signal: Array) -> Array:
    return signal.reshape(len(signal), _SECONDS, SAMPLES_PER_EPOCH // _SECONDS)


def _rms(pieces: Array, lo_hz: float, hi_hz: float) -> Array:
    """RMS of a band in each piece along the last axis."""
    hz, power = _spectrum(pieces)
    return np.asarray(np.sqrt(power[..., (hz >= lo_hz) & (hz <= hi_hz)].sum(axis=-1)))


def _spectrum(pieces: Array) -> tuple[Array, Array]:
    """Frequencies, and the power in uV^2 at each of them, of pieces along the last axis."""
    size = pieces.shape[-1]
    window = np.hanning(size)
    middle = pieces - pieces.mean(axis=-1, keepdims=True)
    power = np.square(np.abs(np.fft.rfft(middle * window, axis=-1)))
    return np.fft.rfftfreq(size, 1 / SFREQ_HZ), 2 * power / (size * np.square(window).sum())
