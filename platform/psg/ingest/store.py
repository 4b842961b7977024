"""Write the stores of a night and its spectrogram, a channel in memory at a time.

The scored store has the derivations at 100 Hz as published; then what only people and detectors
get: the chin at its native rate, and, where the mains have not the published 50 Hz, all derivations
again with their notch.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.display import spectrogram_png
from psg.epochs import EpochGrid
from psg.filters import (
    MAINS_HZ,
    MODEL_SFREQ_HZ,
    Samples,
    filter_in_place,
    filter_joined,
    resample_linear,
)
from psg.ingest.inspect import NightFacts
from psg.ingest.quality import bridge, clipped_epochs, clipping_note, quality_notes
from psg.ingest.raw import EPOCHS_AT_ONCE, Progress, exactly, write_raw
from psg.ingest.statedunits import with_units
from psg.montage import Derivation, DerivationSource
from psg.signalfile import SignalFile, read_stretch_uv
from psg.signalstore import (
    CHIN_NATIVE,
    FOR_PEOPLE,
    SAMPLE_BYTES,
    SignalStore,
    SignalStoreWriter,
    StoredChannel,
    scale_for,
    to_counts,
)
from psg.stages import EPOCH_S

_SAMPLES_AT_ONCE = 2**20
# 256 MiB; a night of 12 h at 700 Hz.
_EXACT_SAMPLES = 2**25

_MODEL_SAMPLES = round(EPOCH_S * MODEL_SFREQ_HZ)
# The derivation whose spectrum tells most about the night, best first.
_SPECTRUM_ORDER = (Derivation.C4, Derivation.F4, Derivation.O2)


class _CountsOnDisk:
    """Counts of a channel, (epochs, samples), until all channels are written epoch by epoch.

    They lie in a temporary file without a name: those of a long night would fill the memory.
    """

    def __init__(self, size: int) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as this object
        weakref.finalize(self, self._file.close)
        self._size = size
        self._epochs = 0

    def append(self, counts: NDArray[np.int16]) -> None:
        self._file.write(counts.tobytes())
        self._epochs += len(counts)

    def __getitem__(self, epochs: slice) -> NDArray[np.int16]:
        first, stop, _ = epochs.indices(self._epochs)
        epoch_bytes = self._size * SAMPLE_BYTES
        self._file.seek(first * epoch_bytes)
        data = self._file.read((stop - first) * epoch_bytes)
        return np.frombuffer(data, dtype=np.int16).reshape(-1, self._size)


@dataclass(frozen=True)
class _CountsOfStore:
    """Counts of a channel as another store has them, read when they are needed."""

    store: SignalStore
    place: int

    def __getitem__(self, epochs: slice) -> NDArray[np.int16]:
        first, stop, _ = epochs.indices(self.store.epoch_count)
        return self.store.read_channel_counts(self.place, first, stop - first)


Counts = _CountsOnDisk | _CountsOfStore


@dataclass(frozen=True)
class _Stored:
    channel: StoredChannel
    counts: Counts


def store_night(
    file: SignalFile,
    facts: NightFacts,
    *,
    signals_path: Path,
    raw_path: Path,
    progress: Progress = lambda step, done, total: None,
) -> tuple[bytes, list[str]]:
    """Write the scored store and the raw store.

    Returns
    -------
    png : bytes
        The spectrogram strip.
    notes : list of str
        Remarks on the quality of the signals.
    """
    file = with_units(file, facts.units)
    stored, notes = _filter_all(file, facts, progress)
    _write(signals_path, stored, facts.grid)
    notes += _quality_notes(signals_path)
    progress("spectrogram", 0, 1)
    png = _spectrogram(stored, facts)
    notes += write_raw(file, facts.grid, raw_path, progress)
    return png, notes


def store_signals(file: SignalFile, facts: NightFacts, *, signals_path: Path) -> list[str]:
    """Write the scored store alone, which is all that models read; returns the quality notes."""
    file = with_units(file, facts.units)
    stored, notes = _filter_all(file, facts, lambda step, done, total: None)
    _write(signals_path, stored, facts.grid)
    notes += _quality_notes(signals_path)
    return notes


def store_joined(file: SignalFile, facts: NightFacts, epochs: Sequence[int], *, path: Path) -> None:
    """Write some epochs alone, joined before they are filtered, as the published code does."""
    file = with_units(file, facts.units)
    starts_s = [facts.grid.onset_s(epoch) for epoch in epochs]
    stored: list[_Stored] = []
    for derivation, source in facts.sources.items():
        signal_uv, sfreq_hz, _ = _read_whole(file, derivation, source)
        epochs_uv = filter_joined(signal_uv, sfreq_hz, derivation, starts_s)
        stored.append(_to_stored(derivation.value, MODEL_SFREQ_HZ, epochs_uv))
    _write(path, stored, EpochGrid(0.0, len(epochs)))


def rebuild_night(
    file: SignalFile,
    facts: NightFacts,
    *,
    old: SignalStore,
    unchanged: Collection[Derivation],
    signals_path: Path,
    progress: Progress = lambda step, done, total: None,
) -> tuple[bytes, list[str]]:
    """Write the scored store of a recording again, from its raw store.

    Parameters
    ----------
    file
        The raw store, from epoch 0 on.
    old
        The scored store until now; its epochs stay.
    unchanged
        Derivations that are made of the same channels as before: what models see of them is
        copied, so that it is the same to the last bit.

    Returns
    -------
    png : bytes
        The spectrogram strip.
    notes : list of str
        Remarks on the quality of the signals; on clipping only of derivations that changed.
    """
    file = with_units(file, facts.units)
    kept = {
        derivation: _Stored(channel, _CountsOfStore(old, place))
        for place, channel in enumerate(old.header.channels)
        for derivation in unchanged
        if channel.name == derivation.value
    }
    stored, notes = _filter_all(file, facts, progress, kept)
    _write(signals_path, stored, replace(facts.grid, epoch0_s=old.header.epoch0_s))
    notes += _quality_notes(signals_path)
    progress("spectrogram", 0, 1)
    return _spectrogram(stored, facts), notes


def _filter_all(
    file: SignalFile,
    facts: NightFacts,
    progress: Progress,
    kept: Mapping[Derivation, _Stored] | None = None,
) -> tuple[list[_Stored], list[str]]:
    """Filter every derivation; of those in ``kept`` the form for models is taken from there."""
    stored: list[_Stored] = []
    for_people: list[_Stored] = []
    notes: list[str] = []
    for done, (derivation, source) in enumerate(facts.sources.items()):
        progress("filter", done, len(facts.sources))
        filtered_uv: Samples | None = None
        for_models = (kept or {}).get(derivation)
        if for_models is None:
            for_models, filtered_uv, remarks = _for_models(file, facts, derivation, source)
            notes += remarks
        stored.append(for_models)
        if (facts.mains_hz or MAINS_HZ) != MAINS_HZ:
            filtered_uv = None  # a second copy of a long channel would take too much memory
        for_people += _for_people(file, facts, derivation, source, filtered_uv)
    return stored + for_people, notes


def _for_models(
    file: SignalFile, facts: NightFacts, derivation: Derivation, source: DerivationSource
) -> tuple[_Stored, Samples, list[str]]:
    """Filter a derivation as published; also return it at its own rate, and quality notes."""
    signal_uv, sfreq_hz, notes = _read_whole(file, derivation, source)
    clipped = clipped_epochs(file, source, facts.grid)
    filter_in_place(signal_uv, sfreq_hz, derivation)
    epochs_uv = _at_100_hz(signal_uv, sfreq_hz, facts.grid)
    notes += clipping_note(derivation, clipped)
    return _to_stored(derivation.value, MODEL_SFREQ_HZ, epochs_uv), signal_uv, notes


def _for_people(
    file: SignalFile,
    facts: NightFacts,
    derivation: Derivation,
    source: DerivationSource,
    published_uv: Samples | None,
) -> Iterator[_Stored]:
    """Yield what only people and detectors get of a derivation.

    ``published_uv`` is the derivation as filtered for models if the mains have 50 Hz and it is at
    hand; without it the channel is read again.
    """
    mains_hz = facts.mains_hz or MAINS_HZ
    if mains_hz == MAINS_HZ and derivation is not Derivation.CHIN:
        return
    sfreq_hz = file.channels[source.positive].sfreq_hz
    signal_uv = published_uv
    if signal_uv is None:
        signal_uv, _, _ = _read_whole(file, derivation, source)
        filter_in_place(signal_uv, sfreq_hz, derivation, mains_hz=mains_hz)
    if mains_hz != MAINS_HZ:
        epochs_uv = _at_100_hz(signal_uv, sfreq_hz, facts.grid)
        yield _to_stored(derivation.value + FOR_PEOPLE, MODEL_SFREQ_HZ, epochs_uv)
    if derivation is Derivation.CHIN:
        yield _to_stored(CHIN_NATIVE, sfreq_hz, _cut(signal_uv, sfreq_hz, facts.grid))


def _read_whole(
    file: SignalFile, derivation: Derivation, source: DerivationSource
) -> tuple[Samples, float, list[str]]:
    signal_uv = _read(file, source)
    count = bridge(signal_uv)
    notes = [f"{count:,} samples of {derivation.value} are not numbers; they were interpolated."]
    return signal_uv, file.channels[source.positive].sfreq_hz, notes if count else []


def _at_100_hz(signal_uv: Samples, sfreq_hz: float, grid: EpochGrid) -> NDArray[np.float32]:
    """Resample the epochs of a filtered channel, shape (epochs, 3000)."""
    count = grid.epoch_count * _MODEL_SAMPLES
    resampled = resample_linear(signal_uv, sfreq_hz, start_s=grid.epoch0_s, count=count)
    return resampled.reshape(-1, _MODEL_SAMPLES)


def _read(file: SignalFile, source: DerivationSource) -> Samples:
    """Read a derivation in uV, (samples,): float64, or float32 where it is very long.

    float32 is exact to 1e-7 of a value, which is less than a count of the store.
    """
    count = file.sample_count(source.positive)
    signal_uv: Samples = np.empty(
        count, dtype=np.float64 if count <= _EXACT_SAMPLES else np.float32
    )
    for first in range(0, count, _SAMPLES_AT_ONCE):
        stop = min(first + _SAMPLES_AT_ONCE, count)
        piece = read_stretch_uv(file, source.positive, first, stop)
        if source.negative is not None:
            piece -= read_stretch_uv(file, source.negative, first, stop)
        signal_uv[first:stop] = piece
    return signal_uv


def _to_stored(name: str, sfreq_hz: float, epochs_uv: NDArray[np.floating[Any]]) -> _Stored:
    scale_uv = scale_for(epochs_uv)
    channel = StoredChannel(name, sfreq_hz, epochs_uv.shape[1], scale_uv)
    counts = _CountsOnDisk(epochs_uv.shape[1])
    for first in range(0, len(epochs_uv), EPOCHS_AT_ONCE):
        counts.append(to_counts(epochs_uv[first : first + EPOCHS_AT_ONCE], scale_uv))
    return _Stored(channel, counts)


def _cut(signal_uv: Samples, sfreq_hz: float, grid: EpochGrid) -> Samples:
    """Cut a native-rate signal into epochs, shape (epochs, samples_per_epoch)."""
    size = round(EPOCH_S * sfreq_hz)
    first = round(grid.epoch0_s * sfreq_hz)
    if size == EPOCH_S * sfreq_hz:
        return signal_uv[first : first + grid.epoch_count * size].reshape(-1, size)
    # A rate that does not fit the epoch: start each epoch at its nearest sample.
    starts = [round(grid.onset_s(index) * sfreq_hz) for index in range(grid.epoch_count)]
    return np.stack([exactly(signal_uv[start : start + size], size) for start in starts])


def _write(path: Path, stored: list[_Stored], grid: EpochGrid) -> None:
    with SignalStoreWriter(
        path,
        channels=[item.channel for item in stored],
        epoch_count=grid.epoch_count,
        epoch0_s=grid.epoch0_s,
    ) as writer:
        for first in range(0, grid.epoch_count, EPOCHS_AT_ONCE):
            writer.append([item.counts[first : first + EPOCHS_AT_ONCE] for item in stored])


def _quality_notes(path: Path) -> list[str]:
    with SignalStore.open(path) as store:
        return quality_notes(store)


def _spectrogram(stored: list[_Stored], facts: NightFacts) -> bytes:
    by_name = {item.channel.name: item for item in stored}
    derivation = next(item for item in _SPECTRUM_ORDER if item in facts.sources)
    item = by_name[derivation.value]
    signal_uv = item.counts[:] * np.float32(item.channel.scale_uv)
    return spectrogram_png(signal_uv, facts.grid.epoch_count)
