"""A whole night as continuous signals, with the filtered forms that detectors share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfiltfilt

from psg.events.event import DetectedEvent
from psg.montage import Derivation
from psg.night import SAMPLES_PER_EPOCH, NightSignals, measured_form

SFREQ_HZ = 100
_READ_EPOCHS = 128
_LONGEST_PAD = 1000


class ContinuousNight:
    """Signals of a night, a 1-D array in uV at 100 Hz for each derivation.

    Samples that are not finite are read as 0, so that a bad sample does not spread through
    the filters. Band-passed signals are computed once and kept.
    """

    def __init__(self, signals_uv: Mapping[Derivation, NDArray[np.floating]]) -> None:
        self._signals = {
            derivation: np.nan_to_num(
                np.asarray(signal, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0
            )
            for derivation, signal in signals_uv.items()
        }
        self._bands: dict[tuple[Derivation, float, float], NDArray[np.float32]] = {}
        self._powers: dict[tuple[Derivation, float, float, float], NDArray[np.float32]] = {}
        self._detected: dict[
            Callable[[ContinuousNight], list[DetectedEvent]], list[DetectedEvent]
        ] = {}

    def __contains__(self, derivation: object) -> bool:
        return derivation in self._signals

    def without(self, places: Collection[Derivation]) -> ContinuousNight:
        """Return the night as if it lacked some derivations."""
        night = ContinuousNight({})
        night._signals = {name: row for name, row in self._signals.items() if name not in places}
        night._bands, night._powers = self._bands, self._powers
        return night

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        return tuple(self._signals)

    @property
    def sample_count(self) -> int:
        return min((len(signal) for signal in self._signals.values()), default=0)

    @property
    def duration_s(self) -> float:
        return self.sample_count / SFREQ_HZ

    def signal(self, derivation: Derivation) -> NDArray[np.float32]:
        return self._signals[derivation]

    def band_power(
        self, derivation: Derivation, lo_hz: float, hi_hz: float, window_s: float
    ) -> NDArray[np.float32]:
        """Return the mean square of a band in a centred window, (n_samples,) in uV^2."""
        key = (derivation, lo_hz, hi_hz, window_s)
        if key not in self._powers:
            squared = np.square(self.band(derivation, lo_hz, hi_hz), dtype=np.float64)
            width = max(round(window_s * SFREQ_HZ), 1)
            mean = uniform_filter1d(squared, width, mode="nearest")
            self._powers[key] = np.maximum(mean, 0.0).astype(np.float32)
        return self._powers[key]

    def find_once(
        self, find: Callable[[ContinuousNight], list[DetectedEvent]]
    ) -> list[DetectedEvent]:
        """Return the events of a detector, which is run only once."""
        if find not in self._detected:
            self._detected[find] = find(self)
        return self._detected[find]

    def band(self, derivation: Derivation, lo_hz: float, hi_hz: float) -> NDArray[np.float32]:
        """Return the signal between two frequencies; Butterworth of order 2, zero phase."""
        key = (derivation, lo_hz, hi_hz)
        if key not in self._bands:
            self._bands[key] = band_pass(self.signal(derivation), lo_hz, hi_hz)
        return self._bands[key]


def band_pass(signal: NDArray[np.floating], lo_hz: float, hi_hz: float) -> NDArray[np.float32]:
    """Band-pass at 100 Hz with zero phase; a signal too short to filter gives zeros."""
    sections = butter(2, (lo_hz, hi_hz), btype="bandpass", fs=SFREQ_HZ, output="sos")
    pad = min(_LONGEST_PAD, len(signal) - 1)
    if pad < 1:
        return np.zeros(len(signal), dtype=np.float32)
    filtered = sosfiltfilt(sections, signal.astype(np.float64), padlen=pad)
    return filtered.astype(np.float32)


def read_continuous(night: NightSignals) -> ContinuousNight:
    """Join the epochs of a night as they are measured; adjacent epochs are adjacent in time."""
    night = measured_form(night)
    shape = (len(night.derivations), night.epoch_count * SAMPLES_PER_EPOCH)
    joined = np.empty(shape, dtype=np.float32)
    for first in range(0, night.epoch_count, _READ_EPOCHS):
        count = min(_READ_EPOCHS, night.epoch_count - first)
        piece = night.read_uv(first, count).transpose(1, 0, 2).reshape(shape[0], -1)
        start = first * SAMPLES_PER_EPOCH
        joined[:, start : start + piece.shape[1]] = piece
    return ContinuousNight(dict(zip(night.derivations, joined, strict=True)))
