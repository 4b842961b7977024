"""A night and its epochs, measured once so that any number of claims can be checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from psg.events import DetectedEvent, measures, read_continuous
from psg.events.continuous import SFREQ_HZ, band_pass
from psg.events.measures import EpochMeasures
from psg.events.quality import quality_of
from psg.montage import DERIVATIONS, Derivation
from psg.night import NightSignals, measured_form

SignalsOf = Callable[[], NDArray[np.floating]]


@dataclass(frozen=True)
class MeasuredEpoch:
    """An epoch of a night.

    Attributes
    ----------
    measures
        Its events, with thresholds that rest on the whole night, and its chin tone.
    derivations
        Those that the recording has, in the order of the signals.
    signals
        Gives the epoch as (n_derivations, 3000) in uV at 100 Hz; called only where a claim
        names a derivation in which its kind is not looked for. None where there is no signal.
    is_simulated
        Made by the simulator. Only then are detectors trusted as far as simulated nights allow. In
        any other night they are trusted as far as marks in real recordings allow, which
        is less.
    """

    measures: EpochMeasures
    derivations: Sequence[Derivation] = DERIVATIONS
    signals: SignalsOf | None = None
    is_simulated: bool = False

    def size_uv(
        self, event: DetectedEvent, derivation: Derivation, band_hz: tuple[float, float]
    ) -> float:
        """Peak-to-peak size of a band in a derivation while an event lasts; NaN without it."""
        if self.signals is None or derivation not in self.derivations:
            return float("nan")
        row = self.signals()[list(self.derivations).index(derivation)]
        first, last = int(event.start_s * SFREQ_HZ), int(np.ceil(event.end_s * SFREQ_HZ))
        piece = band_pass(np.nan_to_num(row), *band_hz)[max(first, 0) : max(last, first + 2)]
        return float(np.ptp(piece)) if len(piece) else float("nan")


@dataclass(frozen=True)
class MeasuredNight:
    """A night with the measures of its epochs."""

    signals: NightSignals
    measures: tuple[EpochMeasures, ...]
    is_simulated: bool = False

    def epoch(self, index: int) -> MeasuredEpoch:
        return MeasuredEpoch(
            self.measures[index],
            self.signals.derivations,
            partial(_read, self.signals, index),
            is_simulated=self.is_simulated,
        )


def measure_night(night: NightSignals, *, is_simulated: bool = False) -> MeasuredNight:
    """Run all detectors over a night; without a word it counts as a recording of a person."""
    faults = quality_of(night).faults
    epochs = measures.measure_signals(read_continuous(night), faults, night.epoch_count)
    return MeasuredNight(measured_form(night), tuple(epochs), is_simulated)


def _read(night: NightSignals, index: int) -> NDArray[np.floating]:
    return night.read_uv(index, 1)[0]
