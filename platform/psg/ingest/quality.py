"""What is told of signals: faults, clipped epochs, heart beats, and samples that are no number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psg.edf import Channel
from psg.epochs import EpochGrid
from psg.events.faults import Fault
from psg.events.quality import quality_of
from psg.filters import Samples
from psg.montage import Derivation, DerivationSource
from psg.night import NightSignals
from psg.signalfile import SignalFile
from psg.stages import EPOCH_S

_SAMPLES_AT_ONCE = 2**20

_CLIPPED_SHARE = 0.01
_LISTED = 8


def clipped_epochs(file: SignalFile, source: DerivationSource, grid: EpochGrid) -> list[int]:
    """Find epochs with more than 1 % of samples at the end of the recorder's range."""
    channel = file.channels[source.positive]
    low, high = sorted((channel.digital_min, channel.digital_max))
    at_end = [
        np.flatnonzero((counts <= low) | (counts >= high)) + first
        for first, counts in _pieces(file, channel)
        if channel.bits
    ]
    if not at_end:
        return []
    onsets_s = np.concatenate(at_end) / channel.sfreq_hz
    epochs = np.floor((onsets_s - grid.epoch0_s) / EPOCH_S).astype(np.int64)
    epochs = epochs[(epochs >= 0) & (epochs < grid.epoch_count)]
    share = np.bincount(epochs, minlength=grid.epoch_count) / (EPOCH_S * channel.sfreq_hz)
    return [int(index) for index in np.flatnonzero(share > _CLIPPED_SHARE)]


def _pieces(file: SignalFile, channel: Channel) -> Iterator[tuple[int, NDArray[Any]]]:
    """Read a channel as the file has it, some samples at a time, each with its first place."""
    count = file.sample_count(channel.index)
    for first in range(0, count, _SAMPLES_AT_ONCE):
        stop = min(first + _SAMPLES_AT_ONCE, count)
        yield first, file.read_digital(channel.index, first, stop)


def clipping_note(derivation: Derivation, clipped: list[int]) -> list[str]:
    """Word what was clipped by the recorder; epochs are counted from 1 as people do."""
    return [f"{derivation} is clipped in {_listed(clipped)}."] if clipped else []


def quality_notes(night: NightSignals) -> list[str]:
    """Word the faults of a stored night, its heart beats and reference for the recording page."""
    quality = quality_of(night)
    epochs: dict[tuple[Derivation, Fault], list[int]] = {}
    for epoch, faults in enumerate(quality.faults):
        for derivation, same in faults.items():
            for fault in dict.fromkeys(stretch.fault for stretch in same):
                epochs.setdefault((derivation, fault), []).append(epoch)
    notes = [
        f"{derivation} {_SHOWS.get(fault, f'shows {fault.noun}')} in {_listed(found)}."
        for (derivation, fault), found in sorted(epochs.items())
    ]
    notes += [f"{derivation} shows heart beats." for derivation in quality.with_ecg]
    return [*notes, WITHOUT_MASTOID] if quality.without_mastoid else notes


WITHOUT_MASTOID = (
    f"{Derivation.O2} shows more slow activity than {Derivation.C4} throughout, as with another"
    " reference than a mastoid: stages by rules and models are less certain."
)


def is_of_quality(note: str) -> bool:
    """Whether a note is one of `quality_notes`."""
    words = (*_SHOWS.values(), "shows")
    return note.startswith(
        tuple(f"{derivation} {verb} " for derivation in Derivation for verb in words)
    )


_SHOWS = {Fault.FLAT: "is flat", Fault.SATURATED: "is saturated"}


def _listed(epochs: list[int]) -> str:
    if len(epochs) > _LISTED:
        return f"{len(epochs)} epochs, the first one {epochs[0] + 1}"
    word = "epoch" if len(epochs) == 1 else "epochs"
    return f"{word} {', '.join(str(index + 1) for index in epochs)}"


# No signal is larger; a file of floating-point numbers can also hold what is no number at all.
_LARGEST = 1e18


def finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put 0 where there is no number."""
    values[~(np.abs(values) < _LARGEST)] = 0.0
    return values


def bridge(signal_uv: Samples) -> int:
    """Bridge what is no number by straight lines, in place, as filters would spread it over the
    night; return how many samples that were."""
    count = 0
    for first in range(0, len(signal_uv), _SAMPLES_AT_ONCE):
        piece = signal_uv[first : first + _SAMPLES_AT_ONCE]
        is_bad = ~(np.abs(piece) < _LARGEST)
        if is_bad.any():
            places = np.arange(len(piece))
            good = ~is_bad
            piece[is_bad] = (
                np.interp(places[is_bad], places[good], piece[good]) if good.any() else 0.0
            )
            count += int(is_bad.sum())
    return count
