"""The seconds of an epoch in which a derivation is not read: those of its faults, and those beside
them.

A fault takes out its own seconds and one on either side, since it is told by whole seconds, and a
step takes about a second to fade in the filtered signal. A derivation that is left with less than
half of an epoch is not read in it at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from psg.events.event import DetectedEvent
from psg.events.faults import EpochFaults, Fault, FaultyStretch, spans_of
from psg.events.registry import event_kind
from psg.montage import EOG_DERIVATIONS, Derivation
from psg.stages import EPOCH_S

MARGIN_S = 1.0
MOST_UNREAD_S = EPOCH_S / 2
LEAST_PART_S = 0.5
"""What is left of an event beside an epoch's edge or a gap counts from this length on."""
_SECONDS = int(EPOCH_S)
_FAULTS = tuple(Fault)
Span = tuple[float, float]
"""Start and end in seconds."""


@dataclass(frozen=True)
class Gap:
    """A stretch of an epoch, margin included, in which a derivation is not read, and why."""

    faults: tuple[Fault, ...]
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Unread:
    """What is not read in an epoch: whole derivations, and stretches of others."""

    lost: Mapping[Derivation, tuple[Fault, ...]] = field(default_factory=dict)
    gaps: Mapping[Derivation, tuple[Gap, ...]] = field(default_factory=dict)


def unread_in(epochs: Sequence[EpochFaults]) -> list[Unread]:
    """Return what is not read in adjacent epochs that have these faults."""
    places = dict.fromkeys(place for epoch in epochs for place in epoch)
    wide = {place: _widened([epoch.get(place, ()) for epoch in epochs]) for place in places}
    return [
        _unread({place: wide[place][index] for place in places}) for index in range(len(epochs))
    ]


def read_seconds(epochs: Sequence[EpochFaults], place: Derivation) -> NDArray[np.bool_]:
    """Return which seconds of adjacent epochs with these faults are read from a derivation."""
    faulty = _widened([epoch.get(place, ()) for epoch in epochs]).any(axis=1)
    is_lost = faulty.sum(axis=1, keepdims=True) > MOST_UNREAD_S
    return np.asarray(~(faulty | is_lost)).reshape(-1)


def _widened(epochs: Sequence[tuple[FaultyStretch, ...]]) -> NDArray[np.bool_]:
    """Flag the seconds of each fault of a derivation and those beside; (epochs, faults, 30)."""
    flags = np.zeros((len(_FAULTS), len(epochs) * _SECONDS), dtype=bool)
    for epoch, stretches in enumerate(epochs):
        for stretch in stretches:
            first = epoch * _SECONDS
            seconds = slice(first + int(stretch.start_s), first + int(stretch.end_s))
            flags[_FAULTS.index(stretch.fault), seconds] = True
    wide = maximum_filter1d(flags, 2 * int(MARGIN_S) + 1, axis=1, mode="constant")
    return np.asarray(wide).reshape(len(_FAULTS), len(epochs), _SECONDS).swapaxes(0, 1)


def _unread(places: Mapping[Derivation, NDArray[np.bool_]]) -> Unread:
    """Sort the flags of an epoch, (faults, 30) for each derivation."""
    lost: dict[Derivation, tuple[Fault, ...]] = {}
    gaps: dict[Derivation, tuple[Gap, ...]] = {}
    for place, flags in places.items():
        seconds = flags.any(axis=0)
        if seconds.sum() > MOST_UNREAD_S:
            lost[place] = _named(flags)
        elif seconds.any():
            gaps[place] = tuple(
                Gap(_named(flags[:, int(start_s) : int(end_s)]), start_s, end_s)
                for start_s, end_s in spans_of(seconds)
            )
    return Unread(lost, gaps)


def _named(flags: NDArray[np.bool_]) -> tuple[Fault, ...]:
    return tuple(
        fault for fault, found in zip(_FAULTS, np.asarray(flags.any(axis=1)), strict=True) if found
    )


# Events beside such stretches.


def joined(spans: Iterable[Span]) -> list[Span]:
    """Join stretches that touch; in order of time."""
    result: list[Span] = []
    for start_s, end_s in sorted(spans):
        if result and start_s <= result[-1][1]:
            result[-1] = (result[-1][0], max(end_s, result[-1][1]))
        else:
            result.append((start_s, end_s))
    return result


def needed_for(event: DetectedEvent) -> tuple[Derivation, ...]:
    """The derivations that an event was told by; movements of the eyes need both."""
    kind = event_kind(event.kind)
    eyes = EOG_DERIVATIONS if event.derivation in EOG_DERIVATIONS else ()
    return (event.derivation, *(kind.derivations[1:] if kind else ()), *eyes)


def outside(event: DetectedEvent, unread: Sequence[Span]) -> list[DetectedEvent]:
    """Return an event that touches none of these stretches; of a lasting one, the parts outside."""
    touched = [
        (start_s, end_s)
        for start_s, end_s in unread
        if event.start_s < end_s and event.end_s > start_s
    ]
    if not touched:
        return [event]
    kind = event_kind(event.kind)
    if kind is None or not kind.is_lasting:
        return []
    starts_s = [event.start_s, *(end_s for _, end_s in touched)]
    ends_s = [*(start_s for start_s, _ in touched), event.end_s]
    return [
        replace(event, start_s=start_s, end_s=end_s)
        for start_s, end_s in zip(starts_s, ends_s, strict=True)
        if end_s - start_s >= LEAST_PART_S
    ]


def seconds_outside(unread: Iterable[Span]) -> NDArray[np.bool_]:
    """Return which whole seconds of an epoch touch none of these stretches; (30,)."""
    seconds = np.arange(_SECONDS)
    is_read = np.ones(_SECONDS, dtype=bool)
    for start_s, end_s in unread:
        is_read &= (seconds + 1 <= start_s) | (seconds >= end_s)
    return is_read


# In words.


def fault_sentence(names: Sequence[str], faults: Sequence[Fault]) -> str:
    """Say what derivations show throughout an epoch, and what follows."""
    show, it = ("shows", "it") if len(names) == 1 else ("show", "them")
    seen = f"{' and '.join(names)} {show} {_nouns(faults)}"
    return f"{seen}, so nothing is read from {it} in this epoch."


def gap_sentence(name: str, gaps: Sequence[Gap]) -> str:
    """Say what a derivation shows for a part of an epoch, and what follows."""
    faults = dict.fromkeys(fault for gap in gaps for fault in gap.faults)
    spans = " and ".join(f"{gap.start_s:g}-{gap.end_s:g} s" for gap in gaps)
    return f"{name} shows {_nouns(tuple(faults))} and is not read at {spans}."


def _nouns(faults: Sequence[Fault]) -> str:
    # A dead line explains the jumps around it.
    dead = [fault for fault in faults if fault in (Fault.FLAT, Fault.SATURATED)]
    return " and ".join(fault.noun for fault in dead or faults)
