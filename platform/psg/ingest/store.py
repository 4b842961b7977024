"""Write the stores of a night and its spectrogram, a channel in memory at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.display import spectrogram_png
from psg.edf import Channel
from psg.epochs import EpochGrid
from psg.filters import MODEL_SFREQ_HZ, filter_in_place, resample_linear
from psg.ingest.inspect import NightFacts
from psg.montage import Derivation, DerivationSource
from psg.signalfile import SignalFile
from psg.signalstore import (
    CHIN_NATIVE,
    SAMPLE_BYTES,
    SignalStoreWriter,
    StoredChannel,
    scale_for,
    to_counts,
)
from psg.stages import EPOCH_S

# Called with the name of the step, how much is done, and of how much.
Progress = Callable[[str, int, int], None]

EPOCHS_AT_ONCE = 32
_BLOCK_BYTES = 32 * 2**20


def exactly(samples: NDArray[Any], size: int) -> NDArray[Any]:
    """Cut or extend to `size` samples; the last is repeated where the recording ends before."""
    if len(samples) == 0:
        return np.zeros(size, dtype=samples.dtype)
    return samples if len(samples) == size else np.pad(samples, (0, size - len(samples)), "edge")


# Quality: flat and clipped epochs.

# Below this the trace of a whole epoch is a line: no electrode is that quiet.
_FLAT_UV = 0.5
_CLIPPED_SHARE = 0.01
_LISTED = 8


def flat_epochs(epochs_uv: NDArray[np.float32]) -> list[int]:
    """Find epochs whose whole trace stays within 0.5 uV; input shape (epochs, samples)."""
    spans_uv = epochs_uv.max(axis=1) - epochs_uv.min(axis=1)
    return [int(index) for index in np.flatnonzero(spans_uv < _FLAT_UV)]


def clipped_epochs(edf: SignalFile, source: DerivationSource, grid: EpochGrid) -> list[int]:
    """Find epochs with more than 1 % of samples at the end of the recorder's range."""
    channel = edf.channels[source.positive]
    counts = edf.read_digital(source.positive)
    low, high = sorted((channel.digital_min, channel.digital_max))
    at_end = np.flatnonzero((counts <= low) | (counts >= high))
    epochs = np.floor((at_end / channel.sfreq_hz - grid.epoch0_s) / EPOCH_S).astype(np.int64)
    epochs = epochs[(epochs >= 0) & (epochs < grid.epoch_count)]
    share = np.bincount(epochs, minlength=grid.epoch_count) / (EPOCH_S * channel.sfreq_hz)
    return [int(index) for index in np.flatnonzero(share > _CLIPPED_SHARE)]


def quality_notes(derivation: Derivation, *, flat: list[int], clipped: list[int]) -> list[str]:
    """Word the findings for the recording page; epochs are counted from 1 as people do."""
    notes = []
    if flat:
        notes.append(f"{derivation.value} is flat in {_listed(flat)}.")
    if clipped:
        notes.append(f"{derivation.value} is clipped in {_listed(clipped)}.")
    return notes


def _listed(epochs: list[int]) -> str:
    if len(epochs) > _LISTED:
        return f"{len(epochs)} epochs, the first one {epochs[0] + 1}"
    word = "epoch" if len(epochs) == 1 else "epochs"
    return f"{word} {', '.join(str(index + 1) for index in epochs)}"


# The raw store: every usable channel at its native rate, unfiltered.

_INT16_MAX = 32767


def write_raw(edf: SignalFile, grid: EpochGrid, path: Path, progress: Progress) -> None:
    """Write the store block by block: a night of many channels never fits memory whole."""
    usable = [channel for channel in edf.channels if channel.usable]
    names = _unique_names(usable)
    channels = [
        StoredChannel(
            name,
            channel.sfreq_hz,
            max(round(EPOCH_S * channel.sfreq_hz), 1),
            _raw_scale(channel),
            channel.unit,
        )
        for name, channel in zip(names, usable, strict=True)
    ]
    with SignalStoreWriter(
        path, channels=channels, epoch_count=grid.epoch_count, epoch0_s=grid.epoch0_s
    ) as writer:
        at_once = _epochs_at_once(channels)
        for first in range(0, grid.epoch_count, at_once):
            progress("raw view", first, grid.epoch_count)
            block = range(first, min(first + at_once, grid.epoch_count))
            writer.append(
                [
                    _raw_block(edf, channel, stored, grid, block)
                    for channel, stored in zip(usable, channels, strict=True)
                ]
            )


def _epochs_at_once(channels: list[StoredChannel]) -> int:
    """Choose a block that stays small also where there are many channels of high rates."""
    epoch_bytes = sum(channel.samples_per_epoch for channel in channels) * SAMPLE_BYTES
    return max(1, min(EPOCHS_AT_ONCE, _BLOCK_BYTES // max(epoch_bytes, 1)))


def _raw_block(
    edf: SignalFile, channel: Channel, stored: StoredChannel, grid: EpochGrid, block: range
) -> NDArray[np.int16]:
    starts = [round(grid.onset_s(index) * channel.sfreq_hz) for index in block]
    size = stored.samples_per_epoch
    last = min(starts[-1] + size, edf.sample_count(channel.index))
    counts = edf.read_digital(channel.index, starts[0], last)
    kept = (
        counts.astype(np.int16, copy=False)
        if _is_lossless(channel)
        else to_counts(channel.to_physical(counts), stored.scale_uv)
    )
    if len(kept) == len(block) * size:
        return kept.reshape(-1, size)
    places = [start - starts[0] for start in starts]
    return np.stack([exactly(kept[place : place + size], size) for place in places])


def _is_lossless(channel: Channel) -> bool:
    """Whether counts can be kept as they are: the store has 16 bits, a scale and no offset."""
    fits = max(abs(channel.digital_min), abs(channel.digital_max)) <= _INT16_MAX + 1
    return fits and abs(channel.offset) <= abs(channel.gain)


def _raw_scale(channel: Channel) -> float:
    if _is_lossless(channel):
        return channel.gain
    return max(abs(channel.physical_min), abs(channel.physical_max)) / _INT16_MAX


def _unique_names(channels: list[Channel]) -> list[str]:
    names: list[str] = []
    for channel in channels:
        label = channel.label or f"channel {channel.index + 1}"
        name, count = label, 2
        while name in names:
            name, count = f"{label} ({count})", count + 1
        names.append(name)
    return names


# The scored store: the derivations, filtered and at 100 Hz, and the chin at its native rate.

_MODEL_SAMPLES = round(EPOCH_S * MODEL_SFREQ_HZ)
# The derivation whose spectrum tells most about the night, best first.
_SPECTRUM_ORDER = (Derivation.C4, Derivation.F4, Derivation.O2)


@dataclass(frozen=True)
class _Stored:
    channel: StoredChannel
    counts: NDArray[np.int16]


def store_night(
    edf: SignalFile,
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
    stored, notes = _filter_all(edf, facts, progress)
    _write(signals_path, stored, facts.grid)
    progress("spectrogram", 0, 1)
    png = _spectrogram(stored, facts)
    write_raw(edf, facts.grid, raw_path, progress)
    return png, notes


def store_signals(edf: SignalFile, facts: NightFacts, *, signals_path: Path) -> list[str]:
    """Write the scored store alone, which is all that models read; returns the quality notes."""
    stored, notes = _filter_all(edf, facts, lambda step, done, total: None)
    _write(signals_path, stored, facts.grid)
    return notes


def _filter_all(
    edf: SignalFile, facts: NightFacts, progress: Progress
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


def _read(edf: SignalFile, source: DerivationSource) -> NDArray[np.float64]:
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
