"""The raw store: every usable channel at its native rate, unfiltered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from psg.edf import Channel, EdfFile
from psg.epochs import EpochGrid
from psg.ingest.pieces import EPOCHS_AT_ONCE, Progress, exactly
from psg.signalstore import SignalStoreWriter, StoredChannel, to_counts
from psg.stages import EPOCH_S

_INT16_MAX = 32767


def write_raw(edf: EdfFile, grid: EpochGrid, path: Path, progress: Progress) -> None:
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
        for first in range(0, grid.epoch_count, EPOCHS_AT_ONCE):
            progress("raw view", first, grid.epoch_count)
            block = range(first, min(first + EPOCHS_AT_ONCE, grid.epoch_count))
            writer.append(
                [
                    _raw_block(edf, channel, stored, grid, block)
                    for channel, stored in zip(usable, channels, strict=True)
                ]
            )


def _raw_block(
    edf: EdfFile, channel: Channel, stored: StoredChannel, grid: EpochGrid, block: range
) -> NDArray[np.int16]:
    starts = [round(grid.onset_s(index) * channel.sfreq_hz) for index in block]
    size = stored.samples_per_epoch
    last = min(starts[-1] + size, edf.sample_count(channel.index))
    counts = edf.read_digital(channel.index, starts[0], last)
    if not _is_lossless(channel):
        counts = to_counts(channel.to_physical(counts), stored.scale_uv)
    if len(counts) == len(block) * size:
        return counts.reshape(-1, size)
    places = [start - starts[0] for start in starts]
    return np.stack([exactly(counts[place : place + size], size) for place in places])


def _is_lossless(channel: Channel) -> bool:
    """Whether counts can be kept as they are: the store has a scale and no offset."""
    return abs(channel.offset) <= abs(channel.gain)


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
