"""The whole night at a glance: the smallest and largest values of short stretches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.signalstore import SignalStore

_EPOCHS_AT_ONCE = 32
# Enough stretches that a wide screen gets one for every pixel of a short night, too.
_STRETCHES_A_NIGHT = 4096
_FEWEST_AN_EPOCH, _MOST_AN_EPOCH = 4, 300


def stretches_per_epoch(epoch_count: int) -> int:
    """Give into how many stretches each epoch is cut: four (7.5 s) in a night of hours."""
    wanted = -(-_STRETCHES_A_NIGHT // max(epoch_count, 1))
    return min(max(wanted, _FEWEST_AN_EPOCH), _MOST_AN_EPOCH)


def envelope(store: SignalStore) -> NDArray[np.int16]:
    """Reduce a store to the extremes of its stretches, holding few epochs in memory at a time.

    Returns
    -------
    ndarray of int16, shape (n_channels, epoch_count * stretches_per_epoch, 2)
        Smallest and largest count of each stretch, channels in the order of the store. A channel
        with fewer samples than stretches repeats its samples.
    """
    channels = store.header.channels
    per_epoch = stretches_per_epoch(store.epoch_count)
    found = np.empty((len(channels), store.epoch_count, per_epoch, 2), dtype="<i2")
    for first in range(0, store.epoch_count, _EPOCHS_AT_ONCE):
        count = min(_EPOCHS_AT_ONCE, store.epoch_count - first)
        records = store.read_counts(first, count)
        block = found[:, first : first + count]
        position = 0
        for extremes, channel in zip(block, channels, strict=True):
            size = channel.samples_per_epoch
            samples = records[:, position : position + size]
            starts = np.arange(per_epoch) * size // per_epoch
            np.minimum.reduceat(samples, starts, axis=1, out=extremes[..., 0])
            np.maximum.reduceat(samples, starts, axis=1, out=extremes[..., 1])
            position += size
    return found.reshape(len(channels), -1, 2)
