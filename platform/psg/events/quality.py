"""The quality of a recording: faults of its epochs, and heart beats in EEG and EOG.

These are notes, not events: nothing is offered, claimed or cited on them. Nothing is read from a
derivation in an epoch where it has a fault. Heart beats are only told: waves are seen through them.
"""

from __future__ import annotations

from collections.abc import Iterable
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
    """

    faults: list[EpochFaults]
    with_ecg: tuple[Derivation, ...] = ()


def quality_of(night: NightSignals) -> Quality:
    """Judge the signals as people see them, some epochs at a time."""
    night = measured_form(night)
    faults: list[EpochFaults] = []
    beating = dict.fromkeys(_placed(night.derivations), 0)
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
    least = LEAST_EPOCHS_SHARE * max(night.epoch_count, 1)
    return Quality(faults, tuple(name for name, count in beating.items() if count >= least))


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
