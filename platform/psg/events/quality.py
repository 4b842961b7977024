"""The quality of a recording: faults of its epochs, heart beats in EEG and EOG, and its reference.

These are notes, not events: nothing is offered, claimed or cited on them. Nothing is read from a
derivation in an epoch where it has a fault. Heart beats are only told: waves are seen through them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from psg.events.continuous import SFREQ_HZ, band_pass
from psg.events.faults import EpochFaults, faults_of
from psg.montage import EEG_DERIVATIONS, EOG_DERIVATIONS, Derivation
from psg.night import SAMPLES_PER_EPOCH, NightSignals, measured_form

ECG_BAND_HZ = (8.0, 30.0)
LEAST_BEAT_UV = 8.0
TIMES_LEVEL = 4.0
"""How far a beat must rise above the usual size of the band; alpha and spindles do not."""
BEAT_S = (0.5, 1.5)
MOST_IRREGULAR = 0.12
"""Median deviation of the intervals from their median, relative to it."""
LEAST_REGULAR_SHARE = 0.6
"""Share of an epoch that beats at regular intervals must fill."""
LEAST_EPOCHS_SHARE = 0.25
"""Share of the epochs of a recording in which beats must be regular."""

SLOW_HZ = (0.3, 4.0)
LEAST_OCCIPITAL_TO_CENTRAL = 1.3
"""Slow activity of O2 beside C4 in the median epoch from which on the reference is no mastoid. A
common reference near C4 and F4 takes it away there: 1.9 times in the nap and in simulated nights
recorded so, against mastoids 0.77 in a real recording and 0.6 in simulated ones."""
LEAST_SLOW_UV = 1.0
"""A derivation with less is dead."""

_READ_EPOCHS = 128


@dataclass(frozen=True)
class Quality:
    """What is wrong with the signals of a recording.

    Attributes
    ----------
    faults
        The faults of each epoch.
    with_ecg
        EEG and EOG derivations that show heart beats in a good part of the recording.
    without_mastoid
        The EEG looks as with another reference than a mastoid, so that rules and models that
        expect a mastoid stage it less surely.
    """

    faults: list[EpochFaults]
    with_ecg: tuple[Derivation, ...] = ()
    without_mastoid: bool = False


def quality_of(night: NightSignals) -> Quality:
    """Judge the signals as people see them, some epochs at a time."""
    night = measured_form(night)
    faults: list[EpochFaults] = []
    beating = dict.fromkeys(_placed(night.derivations), 0)
    ratios: list[float] = []
    for first in range(0, night.epoch_count, _READ_EPOCHS):
        stop = min(first + _READ_EPOCHS, night.epoch_count)
        # With an epoch on both sides: what lasts may go on there.
        start, end = max(first - 1, 0), min(stop + 1, night.epoch_count)
        piece = np.nan_to_num(night.read_uv(start, end - start), nan=0.0, posinf=0.0, neginf=0.0)
        signals = {name: piece[:, place] for place, name in enumerate(night.derivations)}
        faults += faults_of(signals)[first - start : stop - start]
        for name in beating:
            fast = band_pass(signals[name].reshape(-1), *ECG_BAND_HZ)
            epochs = fast.reshape(-1, SAMPLES_PER_EPOCH)[first - start : stop - start]
            beating[name] += sum(map(_beats, epochs))
        ratios += _occipital_to_central(signals)
    least = LEAST_EPOCHS_SHARE * max(night.epoch_count, 1)
    return Quality(
        faults,
        with_ecg=tuple(name for name, count in beating.items() if count >= least),
        without_mastoid=bool(ratios and np.median(ratios) >= LEAST_OCCIPITAL_TO_CENTRAL),
    )


def _occipital_to_central(signals: Mapping[Derivation, NDArray[np.floating]]) -> list[float]:
    """Return how much larger slow activity is in O2 than in C4, for epochs that show both."""
    if not {Derivation.O2, Derivation.C4} <= set(signals):
        return []
    occipital_uv, central_uv = (
        band_pass(signals[place].reshape(-1), *SLOW_HZ).reshape(-1, SAMPLES_PER_EPOCH).std(axis=1)
        for place in (Derivation.O2, Derivation.C4)
    )
    shown = (occipital_uv >= LEAST_SLOW_UV) & (central_uv >= LEAST_SLOW_UV)
    return list(occipital_uv[shown] / central_uv[shown])


def _placed(derivations: Iterable[Derivation]) -> tuple[Derivation, ...]:
    return tuple(name for name in (*EEG_DERIVATIONS, *EOG_DERIVATIONS) if name in set(derivations))


def _beats(fast: NDArray[np.floating]) -> bool:
    """Whether an epoch of the band, (3000,), has sharp waves at the intervals of a heart."""
    size = np.abs(fast)
    least_uv = max(LEAST_BEAT_UV, TIMES_LEVEL * float(np.median(size)))
    tall = np.flatnonzero(size >= least_uv)
    if not len(tall):
        return False
    # Waves closer than the shortest interval belong to the beat that began first.
    beats = [int(tall[0])]
    for place in tall.tolist():
        if place - beats[-1] >= BEAT_S[0] * SFREQ_HZ:
            beats.append(place)
    intervals_s = np.diff(beats) / SFREQ_HZ
    if len(intervals_s) < 3:
        return False
    usual_s = float(np.median(intervals_s))
    regular = np.abs(intervals_s - usual_s) <= MOST_IRREGULAR * usual_s
    filled_s = float(intervals_s[regular].sum())
    whole_s = SAMPLES_PER_EPOCH / SFREQ_HZ
    return usual_s <= BEAT_S[1] and filled_s >= LEAST_REGULAR_SHARE * whole_s
