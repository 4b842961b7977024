"""Signals of a night that people look at before the import: a few stretches of 30 s.

A worker writes them while it examines the file, since web processes never open files from outside.
"""

import json
from pathlib import Path

import numpy as np
from django.http import Http404
from numpy.typing import NDArray

from psg.edf import Channel
from psg.errors import RefusedError
from psg.ingest.quality import finite
from psg.signalfile import SignalFile
from psg.typed_json import JsonObject
from recordings.intake.models import IntakeNight
from recordings.intake.receiving import preview_path

WINDOWS = 4
WINDOW_S = 30.0
MOST_CHANNELS = 128
MOST_HZ = 100.0


def write_signals(file: SignalFile, path: Path) -> None:
    """Write the stretches of all channels that can be used, at 100 Hz or less."""
    channels = [channel for channel in file.channels if channel.usable][:MOST_CHANNELS]
    window_s = min(WINDOW_S, file.duration_s)
    starts = np.linspace(0.1, 0.9, WINDOWS) * (file.duration_s - window_s)
    described: list[JsonObject] = []
    values: dict[str, NDArray[np.float32]] = {}
    for channel in channels:
        step = max(1, int(np.ceil(channel.sfreq_hz / MOST_HZ)))
        for window, start_s in enumerate(starts):
            samples = _stretch(file, channel, float(start_s), window_s, step)
            values[f"{window}.{len(described)}"] = samples.astype(np.float32)
        described.append(
            {"label": channel.label, "unit": channel.unit, "sfreq_hz": channel.sfreq_hz / step}
        )
    head = {"starts": [round(float(s), 3) for s in starts], "duration_s": window_s}
    text = json.dumps({**head, "channels": described}).encode()
    with path.open("wb") as written:
        np.savez_compressed(written, head=np.frombuffer(text, np.uint8), **values)  # type: ignore[arg-type]


def _stretch(
    file: SignalFile, channel: Channel, start_s: float, window_s: float, step: int
) -> NDArray[np.float64]:
    """Return a stretch in the unit of the channel; of `step` samples their mean."""
    first = int(start_s * channel.sfreq_hz)
    stop = min(first + int(window_s * channel.sfreq_hz), file.sample_count(channel.index))
    if stop <= first:  # less than a sample in the stretch
        return np.empty(0)
    digital = file.read_digital(channel.index, first, stop).astype(np.float64)
    samples = finite(digital * channel.gain + channel.offset)
    whole = len(samples) - len(samples) % step
    return samples[:whole].reshape(-1, step).mean(axis=1)


def signals_json(night: IntakeNight, window: str) -> JsonObject:
    """Return a stretch of a night.

    Raises
    ------
    Http404
        Before the file is examined, and after its import.
    RefusedError
    """
    if window not in map(str, range(WINDOWS)):
        raise RefusedError(f"Window must be 0 to {WINDOWS - 1}.", where="window")
    number = int(window)
    path = preview_path(night.file) if night.file else None
    if path is None or not path.exists():
        raise Http404("This recording has no preview.")
    with np.load(path) as stored:
        head = json.loads(stored["head"].tobytes())
        return {
            "windows": WINDOWS,
            "window": number,
            "start_s": head["starts"][number],
            "duration_s": head["duration_s"],
            "channels": [
                {**channel, "values": _rounded(stored[f"{number}.{index}"])}
                for index, channel in enumerate(head["channels"])
            ],
        }


def _rounded(values: NDArray[np.float32]) -> list[float]:
    """Return four figures of the largest value: more cannot be seen."""
    peak = float(np.abs(values).max(initial=0.0))
    decimals = 4 - int(np.ceil(np.log10(peak))) if peak else 0
    return [round(float(value), decimals) for value in values]
