"""Write the stores of a night and its spectrogram, holding one channel in memory at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.edf import EdfFile
from psg.epochs import EpochGrid
from psg.filters import MODEL_SFREQ_HZ, filter_in_place, resample_linear
from psg.ingest.inspect import NightFacts
from psg.ingest.pieces import EPOCHS_AT_ONCE, Progress, exactly
from psg.ingest.quality import clipped_epochs, flat_epochs, quality_notes
from psg.ingest.raw import write_raw
from psg.montage import Derivation, DerivationSource
from psg.signalstore import (
    CHIN_NATIVE,
    SignalStoreWriter,
    StoredChannel,
    scale_for,
    to_counts,
)
from psg.spectrogram import spectrogram_png
from psg.stages import EPOCH_S

_MODEL_SAMPLES = round(EPOCH_S * MODEL_SFREQ_HZ)
# The derivation whose spectrum tells most about the night, best first.
_SPECTRUM_ORDER = (Derivation.C4, Derivation.F4, Derivation.O2)


@dataclass(frozen=True)
class _Stored:
    channel: StoredChannel
    counts: NDArray[np.int16]


def store_night(
    edf: EdfFile,
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
        What a person should know about the quality of the signals.
    """
    stored, notes = _filter_all(edf, facts, progress)
    _write(signals_path, stored, facts.grid)
    progress("spectrogram", 0, 1)
    png = _spectrogram(stored, facts)
    write_raw(edf, facts.grid, raw_path, progress)
    return png, notes


def store_signals(edf: EdfFile, facts: NightFacts, *, signals_path: Path) -> list[str]:
    """Write the scored store alone, which is all that models read; returns the quality notes."""
    stored, notes = _filter_all(edf, facts, lambda step, done, total: None)
    _write(signals_path, stored, facts.grid)
    return notes


def _filter_all(
    edf: EdfFile, facts: NightFacts, progress: Progress
) -> tuple[list[_Stored], list[str]]:
    stored: list[_Stored] = []
    native: list[_Stored] = []
    notes: list[str] = []
    for done, (derivation, source) in enumerate(facts.sources.items()):
        progress("filter", done, len(facts.sources))
        sfreq_hz = edf.channels[source.positive].sfreq_hz
        signal_uv = _read(edf, source)
        clipped = clipped_epochs(edf, source, facts.grid)
        filter_in_place(signal_uv, sfreq_hz, derivation)
        model_uv = resample_linear(
            signal_uv,
            sfreq_hz,
            start_s=facts.grid.epoch0_s,
            count=facts.grid.epoch_count * _MODEL_SAMPLES,
        ).reshape(-1, _MODEL_SAMPLES)
        stored.append(_to_stored(derivation.value, MODEL_SFREQ_HZ, model_uv))
        notes += quality_notes(derivation, flat=flat_epochs(model_uv), clipped=clipped)
        if derivation is Derivation.CHIN:
            epochs_uv = _cut(signal_uv, sfreq_hz, facts.grid)
            native.append(_to_stored(CHIN_NATIVE, sfreq_hz, epochs_uv))
    return stored + native, notes


def _read(edf: EdfFile, source: DerivationSource) -> NDArray[np.float64]:
    signal_uv = edf.read_uv(source.positive)
    if source.negative is not None:
        signal_uv -= edf.read_uv(source.negative)
    return signal_uv


def _to_stored(name: str, sfreq_hz: float, epochs_uv: NDArray[np.floating[Any]]) -> _Stored:
    scale_uv = scale_for(epochs_uv)
    channel = StoredChannel(name, sfreq_hz, epochs_uv.shape[1], scale_uv)
    return _Stored(channel, to_counts(epochs_uv, scale_uv))


def _cut(signal_uv: NDArray[np.float64], sfreq_hz: float, grid: EpochGrid) -> NDArray[np.float64]:
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


def _spectrogram(stored: list[_Stored], facts: NightFacts) -> bytes:
    by_name = {item.channel.name: item for item in stored}
    derivation = next(item for item in _SPECTRUM_ORDER if item in facts.sources)
    item = by_name[derivation.value]
    signal_uv = item.counts * np.float32(item.channel.scale_uv)
    return spectrogram_png(signal_uv, facts.grid.epoch_count)
