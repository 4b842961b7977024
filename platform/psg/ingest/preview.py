"""The derivations of an epoch as people would see them, before a night is stored."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from psg.filters import MAINS_HZ, MODEL_SFREQ_HZ, filter_in_place, resample_linear
from psg.ingest.inspect import NightFacts
from psg.ingest.statedunits import with_units
from psg.montage import Derivation, DerivationSource
from psg.night import SAMPLES_PER_EPOCH
from psg.signalfile import SignalFile

# Filters run in and out on this much signal around the epoch, which is not shown.
_MARGIN_S = 30.0


def preview_epoch(
    file: SignalFile, facts: NightFacts, epoch: int
) -> Mapping[Derivation, NDArray[np.float32]]:
    """Filter a single epoch.

    Returns
    -------
    mapping of Derivation to ndarray of float32, shape (3000,)
        In uV at 100 Hz, with the notch of the mains that are stated. Away from the ends of the
        recording it differs from the stored epoch by what a filter still hears from 30 s away.
    """
    stated = with_units(file, facts.units)
    return {
        derivation: _filtered(stated, facts, derivation, source, facts.grid.onset_s(epoch))
        for derivation, source in facts.sources.items()
    }


def _filtered(
    file: SignalFile,
    facts: NightFacts,
    derivation: Derivation,
    source: DerivationSource,
    onset_s: float,
) -> NDArray[np.float32]:
    sfreq_hz = file.channels[source.positive].sfreq_hz
    first = max(round((onset_s - _MARGIN_S) * sfreq_hz), 0)
    stop = round((onset_s + SAMPLES_PER_EPOCH / MODEL_SFREQ_HZ + _MARGIN_S) * sfreq_hz)
    signal_uv = _read_uv(file, source.positive, first, stop)
    if source.negative is not None:
        signal_uv -= _read_uv(file, source.negative, first, stop)
    filter_in_place(signal_uv, sfreq_hz, derivation, mains_hz=facts.mains_hz or MAINS_HZ)
    start_s = onset_s - first / sfreq_hz
    return resample_linear(signal_uv, sfreq_hz, start_s=start_s, count=SAMPLES_PER_EPOCH)


def _read_uv(file: SignalFile, index: int, first: int, stop: int) -> NDArray[np.float64]:
    return file.channels[index].to_physical(file.read_digital(index, first, stop))
