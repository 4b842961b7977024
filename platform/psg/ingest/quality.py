"""Plain signs of trouble in a signal: flat and clipped epochs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from psg.edf import EdfFile
from psg.epochs import EpochGrid
from psg.montage import Derivation, DerivationSource
from psg.stages import EPOCH_S

# Below this the trace of a whole epoch is a line: no electrode is that quiet.
_FLAT_UV = 0.5
_CLIPPED_SHARE = 0.01
_LISTED = 8


def flat_epochs(epochs_uv: NDArray[np.float32]) -> list[int]:
    """Find epochs whose whole trace stays within 0.5 uV; input shape (epochs, samples)."""
    spans_uv = epochs_uv.max(axis=1) - epochs_uv.min(axis=1)
    return [int(index) for index in np.flatnonzero(spans_uv < _FLAT_UV)]


def clipped_epochs(edf: EdfFile, source: DerivationSource, grid: EpochGrid) -> list[int]:
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
