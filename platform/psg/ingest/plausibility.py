"""A glance at short pieces of the signals: amplitudes that no electrode has, and the mains."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import signal as dsp

from psg.filters import MAINS_HZ, filters_for
from psg.montage import Derivation, DerivationSource
from psg.signalfile import SignalFile

_PIECES, _PIECE_S = 16, 10.0
# At the ends of a piece, filters have not settled.
_SETTLING_S = 1.0
# The range of a whole piece: below, the unit is not the one that is stated, and above likewise.
_SMALLEST_UV, _LARGEST_UV = 0.5, 10_000.0

LINES_HZ = (50.0, 60.0)
_WINDOW_S = 2.0
_LINE_HALF_HZ = 1.0
# Away from the line, and where the notch at the other mains leaves the spectrum alone.
_BESIDE_HZ = (2.0, 8.0)
_NOTCHED_HALF_HZ = 3.0
# A spectrum that ends nearer to the line has too little beside it.
_ABOVE_HZ = 3.0
# A line stands out by its height, and dominates by its share of what is left after the filters.
_HEIGHT, _SHARE = 10.0, 1 / 3
# In so many of the pieces: a line matters most where the muscle is quiet.
_FEWEST = 0.25


def range_uv(file: SignalFile, channel_index: int) -> float:
    """Give the median range of the pieces of a channel in uV, without those that are flat."""
    ranges = np.ptp(_pieces(file, channel_index), axis=1)
    moving = ranges[ranges > 0]
    return float(np.median(moving)) if moving.size else 0.0


def is_implausible(amplitude_uv: float) -> bool:
    """Whether no electrode gives such a range, so that the unit must be another one."""
    return amplitude_uv != 0 and not _SMALLEST_UV <= amplitude_uv <= _LARGEST_UV


def find_lines(
    file: SignalFile,
    sources: Mapping[Derivation, DerivationSource],
    *,
    mains_hz: float = MAINS_HZ,
) -> dict[float, list[Derivation]]:
    """Find the derivations that a line of the mains dominates, by frequency.

    The pieces are filtered as they will be, with the notch at ``mains_hz``, so that a line that
    the filters remove is not told.
    """
    found: dict[float, list[Derivation]] = {}
    for derivation, source in sources.items():
        sfreq_hz = file.channels[source.positive].sfreq_hz
        lines_hz = [hz for hz in LINES_HZ if hz + _ABOVE_HZ < sfreq_hz / 2]
        if not lines_hz or file.duration_s < _PIECE_S:
            continue
        pieces = _pieces(file, source.positive)
        if source.negative is not None:
            pieces = pieces - _pieces(file, source.negative)
        pieces -= pieces.mean(axis=1, keepdims=True)
        for sections in filters_for(sfreq_hz, derivation, mains_hz):
            pieces = dsp.sosfiltfilt(sections, pieces)
        ends = round(_SETTLING_S * sfreq_hz)
        for line_hz in lines_hz:
            if _dominates(pieces[:, ends:-ends], sfreq_hz, line_hz):
                found.setdefault(line_hz, []).append(derivation)
    return found


def _pieces(file: SignalFile, channel_index: int) -> NDArray[np.float64]:
    """Read pieces from all over a channel, shape (pieces, samples)."""
    channel = file.channels[channel_index]
    count = file.sample_count(channel_index)
    size = min(round(_PIECE_S * channel.sfreq_hz), count)
    starts = np.unique(np.linspace(0, count - size, _PIECES).astype(np.int64))
    pieces = np.stack(
        [
            channel.to_physical(file.read_digital(channel_index, start, start + size))
            for start in map(int, starts)
        ]
    )
    pieces[~np.isfinite(pieces)] = 0.0
    return pieces


def _dominates(pieces: NDArray[np.float64], sfreq_hz: float, line_hz: float) -> bool:
    """Whether a line is both high and large in a quarter of the pieces."""
    size = min(round(_WINDOW_S * sfreq_hz), pieces.shape[1])
    hz, power = dsp.welch(pieces, sfreq_hz, nperseg=size)
    away = np.abs(hz - line_hz)
    other_hz = LINES_HZ[0] + LINES_HZ[1] - line_hz
    beside = (away >= _BESIDE_HZ[0]) & (away <= _BESIDE_HZ[1])
    beside &= np.abs(hz - other_hz) > _NOTCHED_HALF_HZ
    line = power[:, away <= _LINE_HALF_HZ]
    high = line.max(axis=1) > _HEIGHT * np.median(power[:, beside], axis=1)
    large = line.sum(axis=1) > _SHARE * power.sum(axis=1)
    return float(np.mean(high & large)) >= _FEWEST
