"""A recording read again from its raw store, since the file that it came from is not kept."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.clockkind import ClockKind
from psg.edf.annotations import Annotation, Gap
from psg.edf.channels import Channel
from psg.edf.header import EdfLimits
from psg.signalfile import SignalFile
from psg.signalstore import SignalStore, SignalStoreWriter, StoredChannel, StoreHeader
from psg.stages import EPOCH_S

_INT16_MIN, _INT16_MAX = -32768, 32767
_EPOCHS_AT_ONCE = 64
_BLOCK_BYTES = 32 * 2**20


class RawStoreFile:
    """The channels of a raw store as `psg.signalfile.SignalFile`; second 0 is that of epoch 0.

    What lies before the first epoch and after the last is not in the store. Annotations are not
    either: stages and lights were taken from the file when it came in.

    Parameters
    ----------
    store : SignalStore
        It stays open as long as this is read.
    start_clock_s : float or None
        Time of day at which epoch 0 starts.
    uv_per_unit : sequence of float
        uV in the unit that the file stated, by channel; the store has uV for every voltage. 1 for
        channels beyond its end.
    """

    start_day: int | None = None
    clock_kind = ClockKind.LOCAL
    gaps: tuple[Gap, ...] = ()
    warnings: tuple[str, ...] = ()

    def __init__(
        self,
        store: SignalStore,
        start_clock_s: float | None = None,
        uv_per_unit: Sequence[float] = (),
    ) -> None:
        self._store = store
        self.start_clock_s = start_clock_s
        self.duration_s = store.epoch_count * EPOCH_S
        stated = itertools.chain(uv_per_unit, itertools.repeat(1.0))
        self.channels = tuple(
            _channel(place, stored, uv)
            for (place, stored), uv in zip(enumerate(store.header.channels), stated, strict=False)
        )

    def sample_count(self, channel_index: int) -> int:
        return self._size(channel_index) * self._store.epoch_count

    def fits_in_memory(self, channel_index: int) -> bool:
        return self.sample_count(channel_index) <= EdfLimits().max_channel_samples

    def read_digital(
        self, channel_index: int, first: int = 0, stop: int | None = None
    ) -> NDArray[np.int16]:
        size, end = self._size(channel_index), self.sample_count(channel_index)
        stop = end if stop is None else min(stop, end)
        if first >= stop:
            return np.empty(0, dtype=np.int16)
        epoch, end_epoch = first // size, math.ceil(stop / size)
        counts = np.empty((end_epoch - epoch, size), dtype=np.int16)
        for start in range(0, len(counts), _EPOCHS_AT_ONCE):
            block = counts[start : start + _EPOCHS_AT_ONCE]
            block[:] = self._store.read_channel_counts(channel_index, epoch + start, len(block))
        return counts.ravel()[first - epoch * size : stop - epoch * size]

    def read_uv(self, channel_index: int) -> NDArray[np.float64]:
        return self.channels[channel_index].to_physical(self.read_digital(channel_index))

    def annotations(self) -> list[Annotation]:
        return []

    @property
    def header(self) -> StoreHeader:
        return self._store.header

    def blocks(self) -> Iterator[NDArray[np.int16]]:
        """Yield all channels as they are stored, some epochs at a time, fewer of many channels."""
        at_once = max(1, min(_EPOCHS_AT_ONCE, _BLOCK_BYTES // self.header.record_size))
        for first in range(0, self._store.epoch_count, at_once):
            count = min(at_once, self._store.epoch_count - first)
            yield self._store.read_counts(first, count)

    def _size(self, channel_index: int) -> int:
        return self._store.header.channels[channel_index].samples_per_epoch


def _channel(place: int, stored: StoredChannel, uv_per_unit: float) -> Channel:
    fields: dict[str, Any] = {
        "index": place,
        "label": stored.name,
        # Every epoch has a whole number of samples, also where the rate of the file has not.
        "sfreq_hz": stored.samples_per_epoch / EPOCH_S,
        "unit": stored.unit,
        "physical_min": _INT16_MIN * stored.scale_uv,
        "physical_max": _INT16_MAX * stored.scale_uv,
        "digital_min": _INT16_MIN,
        "digital_max": _INT16_MAX,
        # The ends of the recorder's range are not kept, so clipping cannot be looked for.
        "bits": 0,
    }
    return Channel(
        **fields,
        usable=True,
        uv_per_unit=uv_per_unit,
        note="",
        first_sample=0,
        samples_per_record=stored.samples_per_epoch,
    )


def restate_units(raw: RawStoreFile, restated: SignalFile, path: Path) -> None:
    """Write a raw store again with other units; its samples stay.

    Parameters
    ----------
    raw
        The store as it is.
    restated
        The same channels in the units that a person states.
    path
        Of the new store.
    """
    channels = [
        replace(stored, unit=channel.unit, scale_uv=channel.gain)
        for stored, channel in zip(raw.header.channels, restated.channels, strict=True)
    ]
    with SignalStoreWriter(
        path,
        channels=channels,
        epoch_count=raw.header.epoch_count,
        epoch0_s=raw.header.epoch0_s,
    ) as writer:
        for counts in raw.blocks():
            writer.append([counts])
