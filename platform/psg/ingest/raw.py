"""The raw store: every usable channel at its native rate, unfiltered."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.edf import Channel
from psg.epochs import EpochGrid
from psg.ingest.channelmap import channel_names
from psg.ingest.quality import finite
from psg.signalfile import SignalFile
from psg.signalstore import SAMPLE_BYTES, SignalStoreWriter, StoredChannel, to_counts
from psg.stages import EPOCH_S

# Called with the name of the step, how much is done, and of how much.
Progress = Callable[[str, int, int], None]

EPOCHS_AT_ONCE = 32
_BLOCK_BYTES = 32 * 2**20
_SAMPLES_AT_ONCE = 2**20
# A channel that is 0 throughout has a scale too.
_SMALLEST_PEAK = 1e-9
_INT16_MAX = 32767
# Rounding by up to this much is invisible beside any EEG.
_FINE_UV = 0.1


def write_raw(file: SignalFile, grid: EpochGrid, path: Path, progress: Progress) -> list[str]:
    """Write the store block by block: a night of many channels never fits memory whole.

    Returns
    -------
    list of str
        A note for each voltage that the store holds less finely than 0.1 uV.
    """
    usable = [channel for channel in file.channels if channel.usable]
    peaks = _peaks(file, usable)
    names = channel_names(file.channels)
    channels = [
        StoredChannel(
            names[channel.index],
            channel.sfreq_hz,
            max(round(EPOCH_S * channel.sfreq_hz), 1),
            _raw_scale(channel, peaks.get(channel.index, 0.0)),
            channel.unit,
        )
        for channel in usable
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
                    _raw_block(file, channel, stored, grid, block)
                    for channel, stored in zip(usable, channels, strict=True)
                ]
            )
    return [
        f"The unfiltered signal of {stored.name} is stored with an accuracy of"
        f" {stored.scale_uv / 2:.2g} uV, because its values span a very large range. Signals for"
        " scoring are not affected."
        for channel, stored in zip(usable, channels, strict=True)
        if channel.is_voltage and not _is_lossless(channel) and stored.scale_uv / 2 > _FINE_UV
    ]


def _epochs_at_once(channels: list[StoredChannel]) -> int:
    """Choose a block that stays small also where there are many channels of high rates."""
    epoch_bytes = sum(channel.samples_per_epoch for channel in channels) * SAMPLE_BYTES
    return max(1, min(EPOCHS_AT_ONCE, _BLOCK_BYTES // max(epoch_bytes, 1)))


def _raw_block(
    file: SignalFile, channel: Channel, stored: StoredChannel, grid: EpochGrid, block: range
) -> NDArray[np.int16]:
    starts = [round(grid.onset_s(index) * channel.sfreq_hz) for index in block]
    size = stored.samples_per_epoch
    last = min(starts[-1] + size, file.sample_count(channel.index))
    digital = file.read_digital(channel.index, starts[0], last)
    counts = (
        digital.astype(np.int16, copy=False)
        if _is_lossless(channel)
        else to_counts(finite(channel.to_physical(digital)), stored.scale_uv)
    )
    if len(counts) == len(block) * size:
        return counts.reshape(-1, size)
    places = [start - starts[0] for start in starts]
    return np.stack([exactly(counts[place : place + size], size) for place in places])


def _is_lossless(channel: Channel) -> bool:
    """Whether counts can be kept as they are: the store has 16 bits, a scale and no offset."""
    return channel.bits == 16 and abs(channel.offset) <= abs(channel.gain)


def _raw_scale(channel: Channel, peak: float) -> float:
    if _is_lossless(channel):
        return channel.gain
    if channel.bits == 16:
        return max(abs(channel.physical_min), abs(channel.physical_max)) / _INT16_MAX
    return max(peak, _SMALLEST_PEAK) / _INT16_MAX


def _peaks(file: SignalFile, channels: list[Channel]) -> dict[int, float]:
    """Find the largest value of each channel whose range of counts says nothing about it.

    All channels of a stretch are read before the next, since they lie together in most files.
    """
    wide = [channel for channel in channels if channel.bits != 16]
    peaks = {channel.index: 0.0 for channel in wide}
    stretch_s = 2 * _SAMPLES_AT_ONCE / max(sum(channel.sfreq_hz for channel in wide), 1.0)
    for number in range(math.ceil(file.duration_s / stretch_s)):
        for channel in wide:
            ends_s = number * stretch_s, (number + 1) * stretch_s
            first, stop = (round(end_s * channel.sfreq_hz) for end_s in ends_s)
            stop = min(stop, file.sample_count(channel.index))
            if first < stop:
                values = channel.to_physical(file.read_digital(channel.index, first, stop))
                peak = float(np.abs(finite(values)).max())
                peaks[channel.index] = max(peaks[channel.index], peak)
    return peaks


def exactly(samples: NDArray[Any], size: int) -> NDArray[Any]:
    """Cut or extend to `size` samples; the last is repeated where the recording ends before."""
    if len(samples) == 0:
        return np.zeros(size, dtype=samples.dtype)
    return samples if len(samples) == size else np.pad(samples, (0, size - len(samples)), "edge")
