"""EDF files written by the platform: the signals of a store, and the stages of a scoring."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from psg.epochs import EpochGrid
from psg.montage import DERIVATIONS
from psg.signalstore import SAMPLE_BYTES, SignalStore, StoredChannel
from psg.stages import EPOCH_S, Stage

DIGITAL_MIN, DIGITAL_MAX = -32768, 32767
EPOCHS_AT_ONCE = 64
_NAMES = {derivation.value for derivation in DERIVATIONS}


# Records of a store are laid out as EDF requires, so their bytes are copied.


def write_store_as_edf(
    store: SignalStore, target: BinaryIO, *, beat: Callable[[], None] = lambda: None
) -> None:
    """Write the derivations of a store, in uV at 100 Hz, a data record of 30 s for each epoch.

    Second 0 of the file is the onset of epoch 0. Person, date and clock are left open. Physical
    bounds have the eight characters of the format, so values differ from the store's by less
    than a hundred-thousandth of the channel's range.
    """
    channels = list(zip(store.header.channels, store.header.offsets_bytes(), strict=True))
    wanted = [(channel, at) for channel, at in channels if channel.name in _NAMES]
    target.write(_header([channel for channel, _ in wanted], store.epoch_count))
    size = store.record_size
    for first in range(0, store.epoch_count, EPOCHS_AT_ONCE):
        beat()
        count = min(EPOCHS_AT_ONCE, store.epoch_count - first)
        records = memoryview(store.read_record(first, count))
        for start in range(0, count * size, size):
            for channel, at in wanted:
                stop = at + channel.samples_per_epoch * SAMPLE_BYTES
                target.write(records[start + at : start + stop])


def _header(channels: Sequence[StoredChannel], epoch_count: int) -> bytes:
    size = 256 * (len(channels) + 1)
    fields: list[tuple[object, int]] = [
        ("0", 8),
        ("X X X X", 80),
        ("Startdate X X X X", 80),
        ("01.01.85", 8),
        ("00.00.00", 8),
        (size, 8),
        ("", 44),
        (epoch_count, 8),
        (f"{EPOCH_S:g}", 8),
        (len(channels), 4),
    ]
    columns: list[tuple[list[object], int]] = [
        ([channel.name for channel in channels], 16),
        (["" for _ in channels], 80),
        ([channel.unit for channel in channels], 8),
        ([_number(DIGITAL_MIN * channel.scale_uv) for channel in channels], 8),
        ([_number(DIGITAL_MAX * channel.scale_uv) for channel in channels], 8),
        ([DIGITAL_MIN for _ in channels], 8),
        ([DIGITAL_MAX for _ in channels], 8),
        (["" for _ in channels], 80),
        ([channel.samples_per_epoch for channel in channels], 8),
        (["" for _ in channels], 32),
    ]
    fields += [(value, width) for values, width in columns for value in values]
    return b"".join(str(value).ljust(width).encode("ascii") for value, width in fields)


def _number(value: float) -> str:
    """Write a bound with as many digits as eight characters hold."""
    return f"{value:.7f}"[:8].rstrip(".")


# Stages of a scoring, as annotations that other software reads.


def write_edf_stages(
    path: str | os.PathLike[str],
    stages: Sequence[Stage | None],
    grid: EpochGrid,
    *,
    events: Iterable[tuple[float, float, str]] = (),
    mark: str = "",
) -> None:
    """Write a ``Sleep stage`` annotation for each epoch, ``?`` for unscored; no name, no date.

    Parameters
    ----------
    events : iterable of (float, float, str)
        Onset and duration in s, and text, of further annotations.
    mark : str
        Written into the header as the equipment, so that an import knows what it is a copy of.
    """
    import edfio  # here, since a machine that only trains reads stage files without it

    annotations = [
        edfio.EdfAnnotation(grid.onset_s(index), EPOCH_S, f"Sleep stage {stage or '?'}")
        for index, stage in enumerate(stages)
    ]
    annotations += [edfio.EdfAnnotation(*event) for event in events]
    recording = edfio.Recording(equipment_code=mark or "X")
    edfio.Edf([], recording=recording, annotations=annotations).write(Path(path))
