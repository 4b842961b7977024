"""FIF, the format of MNE and Neuromag, read by mne and copied to disk block by block."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from psg.clockkind import UTC_NOTE, ClockKind
from psg.edf.annotations import Annotation
from psg.edf.channels import Channel
from psg.errors import RecordingFileError
from psg.readers.blockfile import (
    LIMITS,
    BlockFile,
    Numbers,
    checked_channel_count,
    checked_rate_hz,
    number_channel,
    reader_of,
)
from psg.readers.format import NightFiles, RecordingFormat
from psg.units import UNKNOWN_UNIT

# Every file begins with its id (kind 100): a structure (31) of 20 bytes.
_MARK = struct.pack(">iii", 100, 31, 20)
_VOLT = 107
_UNITS = {_VOLT: "V", 112: "T", 201: "T/m", -1: "", 0: ""}
_BLOCK_BYTES = 32 * 2**20
_TAG = struct.Struct(">iIii")
_BLOCK_BEGINS, _BLOCK_ENDS = 104, 105
_IN_SEQUENCE = 0
# What mne writes where it has joined two recordings.
_JOINED = "EDGE boundary"
_MAX_TAGS = 5_000_000


def _open(files: NightFiles) -> BlockFile:
    _check_whole(files.main)
    # A file can name the one that continues it: from here, mne finds none of the server's.
    path = files.spool / "night_raw.fif"
    path.symlink_to(files.main.resolve())
    raw = _raw(path)
    sfreq_hz = checked_rate_hz(float(raw.info["sfreq"]))
    count = checked_channel_count(len(raw.ch_names))
    if raw.n_times > LIMITS.max_samples // count:
        raise RecordingFileError(
            f"The recording has {raw.n_times * count / 1e9:.1f} billion samples",
            where=f"{count} channels, {raw.n_times:,} samples each",
            advice=f"At most {LIMITS.max_samples / 1e9:.1f} billion are read; export fewer"
            " channels, or at a lower rate.",
        )
    channels = tuple(_channel(index, raw.info["chs"][index], sfreq_hz) for index in range(count))
    numbers = _copied(raw, files.spool / "samples", count)
    clock_s = _clock_s(raw, sfreq_hz)
    marks = _marks(raw)
    return BlockFile(
        channels=channels,
        duration_s=raw.n_times / sfreq_hz,
        read_samples=reader_of(numbers),
        marks=marks,
        start_clock_s=clock_s,
        clock_kind=ClockKind.UTC,
        joins_s=sorted({mark.onset_s for mark in marks if mark.text == _JOINED}),
        remarks=([] if clock_s is None else [UTC_NOTE]),
    )


def _check_whole(path: Path) -> None:
    """Refuse a file that ends inside a tag or a block: mne reads what is there, without a word."""
    size, at, depth = path.stat().st_size, 0, 0
    with path.open("rb") as file:
        for _ in range(_MAX_TAGS):
            head = file.read(_TAG.size)
            if len(head) < _TAG.size:
                break
            kind, _, length, following = _TAG.unpack(head)
            depth += (kind == _BLOCK_BEGINS) - (kind == _BLOCK_ENDS)
            after = at + _TAG.size + length
            if length < 0 or after > size:
                depth = 1
                break
            at = after if following == _IN_SEQUENCE else following
            if following < 0:
                break
            file.seek(at)
    if depth:
        raise RecordingFileError(
            "The FIF file is truncated or damaged",
            where=f"{at:,} of {size:,} bytes can be read",
            advice="Copy it again.",
        )


def _raw(path: Path) -> Any:
    import mne  # here, as web processes know the formats and never read one

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return mne.io.read_raw_fif(
                path, preload=False, allow_maxshield="yes", on_split_missing="raise",
                verbose="error",
            )  # fmt: skip
    except MemoryError:
        raise
    except Exception as error:
        # mne stumbles over a damaged file in as many ways as it has functions.
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> RecordingFileError:
    return RecordingFileError(
        "This FIF file cannot be read as a continuous recording",
        where=type(error).__name__,
        advice="It is damaged, cut into epochs, or one of several parts. Save the recording as a"
        " single raw file, or export it as EDF.",
    )


def _channel(index: int, described: Any, sfreq_hz: float) -> Channel:
    return number_channel(
        index,
        str(described["ch_name"]).strip(),
        sfreq_hz=sfreq_hz,
        unit=_UNITS.get(int(described["unit"]), UNKNOWN_UNIT),
    )


def _copied(raw: Any, path: Path, count: int) -> Numbers:
    """Copy the samples, in the units of the channels, sample by sample."""
    at_once = max(1, _BLOCK_BYTES // (8 * count))
    try:
        with path.open("wb") as out:
            for first in range(0, raw.n_times, at_once):
                block = raw.get_data(start=first, stop=min(first + at_once, raw.n_times))
                out.write(np.ascontiguousarray(block.T, dtype="<f8").tobytes())
    except MemoryError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk, not the file
        raise _unreadable(error) from error
    return Numbers(path, np.dtype("<f8"), 0, count, int(raw.n_times))


def _clock_s(raw: Any, sfreq_hz: float) -> float | None:
    begin = raw.info["meas_date"]
    if begin is None:
        return None
    clock_s = begin.hour * 3600 + begin.minute * 60 + begin.second + begin.microsecond / 1e6
    return float((clock_s + raw.first_samp / sfreq_hz) % 86_400)


def _marks(raw: Any) -> list[Annotation]:
    # Onsets count from the measurement; the file may begin later.
    return [
        Annotation(float(item["onset"]) - raw.first_time, float(item["duration"]), text)
        for item in raw.annotations
        if (text := str(item["description"])) and np.isfinite(item["onset"] + item["duration"])
    ]


FIF = RecordingFormat(
    id="fif",
    title="FIF (MNE, Neuromag)",
    suffixes=(".fif",),
    recognises=lambda head: head.startswith(_MARK),
    open=_open,
    reads="Raw files: all channels in their units, annotations, the time of day (UTC), unless"
    " recordings were joined.",
    refuses="Epochs and averages; files that continue in another one.",
    description="https://mne.tools/stable/documentation/implementation.html",
)
