"""A glance at short pieces of the signals: amplitudes that no electrode has, and the mains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
_SMALLEST_UV, _LARGEST_UV = 0.01, 50_000.0

LINES_HZ = (50.0, 60.0)
_WINDOW_S = 2.0
_LINE_HALF_HZ = 1.0
# Away from the line, and where the notch at the other mains leaves the spectrum alone.
_BESIDE_HZ = (2.0, 8.0)
_NOTCHED_HALF_HZ = 3.0
# A line stands out by its height, and dominates by its share of what is left after the filters.
_HEIGHT, _SHARE = 10.0, 1 / 3
# In so many pieces: a line matters most where the muscle is quiet.
_QUANTILE = 0.75


def range_uv(file: SignalFile, channel_index: int) -> float:
    """Give the median range of the pieces of a channel in uV, without those that are flat."""
    ranges = [float(np.ptp(piece)) for piece in _pieces(file, channel_index)]
    moving = [each for each in ranges if each > 0]
    return float(np.median(moving)) if moving else 0.0


def is_absurd(amplitude_uv: float) -> bool:
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
        sections = filters_for(sfreq_hz, derivation, mains_hz)
        ends = round(_SETTLING_S * sfreq_hz)
        pieces = [_filtered(piece, sections)[ends:-ends] for piece in _differences(file, source)]
        for line_hz in LINES_HZ:
            if _dominates(pieces, sfreq_hz, line_hz):
                found.setdefault(line_hz, []).append(derivation)
    return found


def _pieces(file: SignalFile, channel_index: int) -> Iterable[NDArray[np.float64]]:
    channel = file.channels[channel_index]
    count = file.sample_count(channel_index)
    size = min(round(_PIECE_S * channel.sfreq_hz), count)
    for start in np.unique(np.linspace(0, count - size, _PIECES).astype(np.int64)):
        digital = file.read_digital(channel_index, int(start), int(start) + size)
        values = channel.to_physical(digital)
        values[~np.isfinite(values)] = 0.0
        yield values


def _differences(file: SignalFile, source: DerivationSource) -> list[NDArray[np.float64]]:
    positive = list(_pieces(file, source.positive))
    if source.negative is None:
        return positive
    negative = _pieces(file, source.negative)
    return [first - second for first, second in zip(positive, negative, strict=True)]


def _filtered(
    piece: NDArray[np.float64], sections: Iterable[NDArray[np.float64]]
) -> NDArray[np.float64]:
    filtered = piece - piece.mean()
    for each in sections:
        filtered = dsp.sosfiltfilt(each, filtered)
    return np.asarray(filtered)


def _dominates(pieces: list[NDArray[np.float64]], sfreq_hz: float, line_hz: float) -> bool:
    if sfreq_hz / 2 <= line_hz + _BESIDE_HZ[0] + 1:
        return False
    strengths = [_strength(piece, sfreq_hz, line_hz) for piece in pieces]
    return float(np.quantile(strengths, _QUANTILE)) >= 1.0


def _strength(piece: NDArray[np.float64], sfreq_hz: float, line_hz: float) -> float:
    """Measure a line in a piece: 1 and more where it is both high enough and large enough."""
    size = min(round(_WINDOW_S * sfreq_hz), len(piece))
    hz, power = dsp.welch(piece, sfreq_hz, nperseg=size)
    away = np.abs(hz - line_hz)
    other_hz = LINES_HZ[0] + LINES_HZ[1] - line_hz
    beside = (away >= _BESIDE_HZ[0]) & (away <= _BESIDE_HZ[1])
    beside &= np.abs(hz - other_hz) > _NOTCHED_HALF_HZ
    line = away <= _LINE_HALF_HZ
    total = float(power.sum())
    background = float(np.median(power[beside])) if beside.any() else 0.0
    if total <= 0 or background <= 0:
        return 0.0
    height = float(power[line].max()) / background / _HEIGHT
    share = float(power[line].sum()) / total / _SHARE
    return min(height, share)
