"""EEGLAB: a ``.set`` with the samples in it or in an ``.fdt`` beside it.

Up to version 7 of MATLAB's files `matfile` reads them, version 7.3 is HDF5. Of a set only channels,
rate, events and samples are read, nothing about the subject.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from psg.edf.annotations import Annotation
from psg.edf.channels import Channel
from psg.errors import RecordingFileError
from psg.readers.blockfile import (
    BlockFile,
    Numbers,
    checked_channel_count,
    checked_rate_hz,
    number_channel,
    reader_of,
    whole_samples,
)
from psg.readers.format import NightFiles, RecordingFormat
from psg.readers.formats.hdf5 import HDF5_MARK, read_set_of_hdf5
from psg.readers.formats.matfile import MARK, LargeArray, read_variables
from psg.readers.pauses import Pause, whole_pause

WANTED = ("nbchan", "pnts", "trials", "srate", "data", "chanlocs", "event")
_VOLTAGE_TYPES = ("", "eeg", "eog", "emg", "ecg", "ekg")
_BOUNDARY = "boundary"


def _recognises(head: bytes) -> bool:
    # Version 7.3 has the mark of HDF5 behind 512 bytes of its own.
    return head.startswith(MARK) or (head.startswith(b"MATLAB 7.3") and HDF5_MARK in head[512:520])


def _open(files: NightFiles) -> BlockFile:
    fields = _fields(files)
    count = checked_channel_count(_whole(fields, "nbchan"))
    sfreq_hz = checked_rate_hz(_number(fields, "srate"))
    if _whole(fields, "trials", default=1) > 1:
        raise RecordingFileError(
            f"This EEGLAB set holds {_whole(fields, 'trials')} cut epochs (trials)",
            where="trials",
            advice="Save the continuous recording instead.",
        )
    numbers, remarks = _samples(fields, files, count)
    events = _as_list(fields.get("event"))
    marks, more = _marks(events, sfreq_hz)
    pauses, joins_s = _pauses(events, sfreq_hz, numbers.sample_count)
    return BlockFile(
        channels=_channels(fields.get("chanlocs"), count, sfreq_hz, numbers.bits()),
        duration_s=numbers.sample_count / sfreq_hz,
        read_samples=reader_of(numbers),
        marks=marks,
        remarks=(
            "EEGLAB sets have no units and no clock time: voltages were taken as uV.",
            *remarks,
            *more,
        ),
        pauses=pauses,
        joins_s=joins_s,
    )


def _fields(files: NightFiles) -> dict[str, Any]:
    with files.main.open("rb") as file:
        is_hdf5 = file.read(10) == b"MATLAB 7.3"
    if is_hdf5:
        return read_set_of_hdf5(files.main, wanted=WANTED, spool=files.spool)
    variables = read_variables(files.main, spool=files.spool)
    fields = variables.get("EEG", variables)
    if not isinstance(fields, dict) or "nbchan" not in fields:
        raise RecordingFileError(
            "This MATLAB file holds no EEGLAB set",
            where="variables",
            advice="Save the recording in EEGLAB with File > Save current dataset.",
        )
    return fields


def _whole(fields: dict[str, Any], name: str, *, default: float | None = None) -> int:
    return int(_number(fields, name, default=default))


def _number(fields: dict[str, Any], name: str, *, default: float | None = None) -> float:
    value = _as_number(fields.get(name))
    value = default if value is None else value
    if value is None or not 0 <= value <= 1e12:
        raise RecordingFileError(
            f"{name} of this EEGLAB set is not a number that can be",
            where=name,
            advice="The file is damaged; save it again.",
        )
    return value


def _as_number(value: Any) -> float | None:
    """Read a number that may be in an array of one; None for anything else."""
    if isinstance(value, np.ndarray):
        value = value.reshape(-1)[0] if value.size == 1 else None
    try:
        number = float(value) if value is not None else math.nan
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _samples(fields: dict[str, Any], files: NightFiles, count: int) -> tuple[Numbers, list[str]]:
    data = fields.get("data")
    declared = _whole(fields, "pnts")
    if isinstance(data, str):
        return _beside(files, count, declared)
    if isinstance(data, np.ndarray) and data.size:
        path = files.spool / "samples"
        data.tofile(path)
        data = LargeArray(path, 0, data.dtype, (count, data.size // count))
    if not isinstance(data, LargeArray) or int(np.prod(data.shape)) != count * declared:
        raise RecordingFileError(
            "The samples of this EEGLAB set do not fit its channels and length",
            where=f"{count} channels, {declared:,} samples each",
            advice="The file is damaged or incomplete; save it again.",
        )
    return Numbers(data.path, data.dtype, data.offset, count, declared), []


def _beside(files: NightFiles, count: int, declared: int) -> tuple[Numbers, list[str]]:
    path = files.parts.get(".fdt")
    if path is None:
        raise RecordingFileError(
            "The samples of this EEGLAB set are missing",
            where="a .set without its .fdt",
            advice="Add both files together, or as a zip, or save the set as a single file.",
        )
    dtype = np.dtype("<f4")
    held, remarks = whole_samples(path.stat().st_size, dtype.itemsize * count, declared)
    return Numbers(path, dtype, 0, count, held), remarks


def _as_list(value: Any) -> list[dict[str, Any]]:
    """Return the elements of a list of structures; a single one is no list in the file."""
    items = [value] if isinstance(value, dict) else value
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _channels(places: Any, count: int, sfreq_hz: float, bits: int) -> tuple[Channel, ...]:
    listed = _as_list(places)
    described = listed if len(listed) == count else [{}] * count
    return tuple(_channel(index, described[index], sfreq_hz, bits) for index in range(count))


def _channel(index: int, place: dict[str, Any], sfreq_hz: float, bits: int) -> Channel:
    kind, label = place.get("type"), place.get("labels")
    is_voltage = not isinstance(kind, str) or kind.strip().lower() in _VOLTAGE_TYPES
    return number_channel(
        index,
        label.strip() if isinstance(label, str) and label.strip() else f"channel {index + 1}",
        sfreq_hz=sfreq_hz,
        unit="uV" if is_voltage else "",
        bits=bits,
    )


def _marks(events: list[dict[str, Any]], sfreq_hz: float) -> tuple[list[Annotation], list[str]]:
    marks, unread = [], 0
    for event in events:
        place, kind = _as_number(event.get("latency")), event.get("type")
        if place is None:
            unread += 1
            continue
        length = max(_as_number(event.get("duration")) or 0.0, 0.0)
        number = _as_number(kind)
        text = kind if isinstance(kind, str) else "" if number is None else f"{number:g}"
        if text and text != _BOUNDARY:
            onset_s = max((place - 1) / sfreq_hz, 0.0)
            marks.append(Annotation(onset_s, length / sfreq_hz, text))
    return marks, [f"{unread} events have no place; they were left out."] if unread else []


def _pauses(
    events: list[dict[str, Any]], sfreq_hz: float, sample_count: int
) -> tuple[list[Pause], list[float]]:
    """Find what was cut out: a boundary stands before a sample and says how many are missing.

    Where it does not say how many, pieces were joined there.
    """
    cuts: dict[int, float] = {}
    for event in events:
        place = _as_number(event.get("latency"))
        if event.get("type") == _BOUNDARY and place is not None:
            at = math.ceil(place - 1)
            if 0 < at < sample_count:
                cuts[at] = cuts.get(at, 0.0) + max(_as_number(event.get("duration")) or 0.0, 0.0)
    pauses = [
        whole_pause(at, missing / sfreq_hz, sfreq_hz)
        for at, missing in sorted(cuts.items())
        if missing >= 1
    ]
    return pauses, [at / sfreq_hz for at, missing in sorted(cuts.items()) if missing < 1]


EEGLAB = RecordingFormat(
    id="eeglab",
    title="EEGLAB (.set, with .fdt)",
    suffixes=(".set",),
    part_suffixes=(".fdt",),
    recognises=_recognises,
    open=_open,
    reads="Sets in one file or two, of MATLAB 5 to 7.3; channels, samples, events. Pieces that were"
    " cut out (boundary) keep their place in time. Voltages are taken as uV; there is no clock"
    " time.",
    refuses="A .set without its .fdt; cut epochs (trials); older .dat files.",
    description="https://eeglab.org/tutorials/ConceptsGuide/Data_Structures.html",
)
