"""Views of a recording beyond its epochs: envelope of the night, spectrogram, raw channels."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from psg.filters import MAINS_HZ, MODEL_SFREQ_HZ, filters_for
from psg.montage import DERIVATIONS, Derivation
from psg.signalstore import SignalStore, StoreHeader

# The envelope: smallest and largest values of short stretches of the whole night.

_EPOCHS_AT_ONCE = 32
# Enough stretches that a wide screen has a stretch for every pixel of a short night, too.
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
    night_extremes = np.empty((len(channels), store.epoch_count, per_epoch, 2), dtype="<i2")
    for first in range(0, store.epoch_count, _EPOCHS_AT_ONCE):
        count = min(_EPOCHS_AT_ONCE, store.epoch_count - first)
        records = store.read_counts(first, count)
        block = night_extremes[:, first : first + count]
        position = 0
        for extremes, channel in zip(block, channels, strict=True):
            size = channel.samples_per_epoch
            samples = records[:, position : position + size]
            starts = np.arange(per_epoch) * size // per_epoch
            np.minimum.reduceat(samples, starts, axis=1, out=extremes[..., 0])
            np.maximum.reduceat(samples, starts, axis=1, out=extremes[..., 1])
            position += size
    return night_extremes.reshape(len(channels), -1, 2)


SPECTRUM_LOW_HZ, SPECTRUM_HIGH_HZ, SPECTRUM_STEP_HZ = 0.5, 30.0, 0.5
_SPECTRUM_WINDOW = round(MODEL_SFREQ_HZ / SPECTRUM_STEP_HZ)
_SPECTRA_AT_ONCE = 64
# The spectrogram: a column for each epoch, a row for each half hertz.

# Dark blue for quiet to pale yellow for loud: stands out from a white and a black page alike.
_COLOURS = (
    (0.00, (24, 26, 58)),
    (0.25, (38, 70, 120)),
    (0.50, (32, 124, 134)),
    (0.70, (92, 172, 104)),
    (0.88, (224, 196, 80)),
    (1.00, (255, 246, 196)),
)


def epoch_power_db(signal_uv: NDArray[np.floating[Any]], epoch_count: int) -> NDArray[np.float32]:
    """Average the power spectrum of each epoch over 2-s Hann windows.

    Parameters
    ----------
    signal_uv : ndarray, shape (epoch_count * 3000,) or (epoch_count, 3000)
        A derivation in uV at 100 Hz.

    Returns
    -------
    ndarray of float32, shape (epoch_count, 60)
        dB relative to 1 uV^2/Hz at 0.5, 1, ... 30 Hz.
    """
    windows = signal_uv.reshape(epoch_count, -1, _SPECTRUM_WINDOW)
    taper = np.hanning(_SPECTRUM_WINDOW + 1)[:-1].astype(np.float32)
    scale = 2 / (MODEL_SFREQ_HZ * float((taper**2).sum()))
    bins = slice(
        round(SPECTRUM_LOW_HZ / SPECTRUM_STEP_HZ), round(SPECTRUM_HIGH_HZ / SPECTRUM_STEP_HZ) + 1
    )
    power = np.empty((epoch_count, bins.stop - bins.start), dtype=np.float32)
    for first in range(0, epoch_count, _SPECTRA_AT_ONCE):
        spectra = np.fft.rfft(windows[first : first + _SPECTRA_AT_ONCE] * taper, axis=-1)
        power[first : first + _SPECTRA_AT_ONCE] = (np.abs(spectra[..., bins]) ** 2).mean(axis=1)
    return (10 * np.log10(np.maximum(power * scale, 1e-12))).astype(np.float32)


def spectrogram_png(signal_uv: NDArray[np.floating[Any]], epoch_count: int) -> bytes:
    """Draw the spectrogram of a whole night, 30 Hz at the top.

    The colour range spans the 2nd to the 98th percentile of the night.

    Returns
    -------
    bytes
        A PNG with a palette, ``epoch_count`` wide and 60 high; stretch it to fit.
    """
    power_db = epoch_power_db(signal_uv, epoch_count)
    low, high = np.percentile(power_db, (2, 98))
    shade = np.clip((power_db - low) / max(float(high - low), 1e-6), 0, 1)
    image = Image.fromarray((shade.T[::-1] * 255).astype(np.uint8))
    image.putpalette(_palette())
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _palette() -> bytes:
    places = [place * 255 for place, _ in _COLOURS]
    bands = [
        np.interp(np.arange(256), places, [colour[band] for _, colour in _COLOURS])
        for band in range(3)
    ]
    return np.stack(bands, axis=1).round().astype(np.uint8).tobytes()


# The derivations made from a raw store, for display with other filters or none.


class RawDerivation(TypedDict):
    """How a derivation is computed from the channels of a raw store, as plain values for JSON.

    ``positive`` and ``negative`` are names of channels; without a negative channel the positive
    stands alone. ``band`` and ``mains`` are sections of filters, rows of b0 b1 b2 a0 a1 a2;
    ``mains`` is empty where the sampling rate has no room for the notch.
    """

    name: str
    positive: str
    negative: str | None
    band: list[list[float]]
    mains: list[list[float]]


def raw_derivations(
    header: StoreHeader,
    sources: Mapping[str, Mapping[str, Any]],
    mains_hz: float | None = None,
) -> list[RawDerivation]:
    """Name the channels and the filters of each derivation.

    Parameters
    ----------
    header
        Of the raw store.
    sources
        Names of the channels by derivation, as `psg.ingest.described_sources` gives them.
    mains_hz
        Frequency of the notch; None where nobody said that it is another than the published one.

    Returns
    -------
    list of RawDerivation
        In the order of the montage.
    """
    rates_hz = {channel.name: channel.sfreq_hz for channel in header.channels}
    notch_hz = mains_hz or MAINS_HZ
    return [
        _described(derivation, sources[derivation], rates_hz, notch_hz)
        for derivation in DERIVATIONS
        if derivation in sources and sources[derivation]["positive"] in rates_hz
    ]


def _described(
    derivation: Derivation,
    source: Mapping[str, Any],
    rates_hz: Mapping[str, float],
    notch_hz: float,
) -> RawDerivation:
    positive = source["positive"]
    band, *mains = filters_for(rates_hz[positive], derivation, notch_hz)
    return {
        "name": derivation.value,
        "positive": positive,
        "negative": source["negative"] or None,
        "band": band.tolist(),
        "mains": mains[0].tolist() if mains else [],
    }
