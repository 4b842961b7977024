"""Stage a night with YASA (Vallat and Walker 2021, doi 10.7554/eLife.70092).

Its classifiers come with the installed package. Its features are
smoothed over minutes and scaled to the night, so the current night is staged once and cached.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import mne
import numpy as np
from numpy.typing import NDArray
from yasa import SleepStaging

from inference.adapters.protocol import JsonObject, NightToScore, RawReply
from inference.bundles import BundleError, BundleSpec
from inference.parsing.reply import STAGE_KEY
from psg.montage import Derivation
from psg.night import NightSignals, measured_form
from psg.stages import Stage

SFREQ_HZ = 100.0
_GROUP = 32
_EEG = (Derivation.C4, Derivation.F4)
_EOG = (Derivation.E1, Derivation.E2)
_EMG = (Derivation.CHIN,)
_STAGES = {"WAKE": Stage.W, "N1": Stage.N1, "N2": Stage.N2, "N3": Stage.N3, "REM": Stage.R}


def load(spec: BundleSpec) -> YasaAdapter:
    """Return the adapter; the classifiers are loaded with the first night."""
    return YasaAdapter()


@dataclass(frozen=True)
class _Staged:
    stage: Stage
    probabilities: Mapping[str, float]


class YasaAdapter:
    """Stages a night once, then answers for any of its epochs."""

    renderer_version = ""

    def __init__(self) -> None:
        self.about: JsonObject = {"yasa": version("yasa")}
        self._key = ""
        self._staged: Sequence[_Staged] = ()

    def replies(self, night: NightToScore, epochs: Sequence[int]) -> Iterator[list[RawReply]]:
        if night.key != self._key:
            self._staged = stage_night(measured_form(night.signals))
            self._key = night.key
        for start in range(0, len(epochs), _GROUP):
            yield [self._reply(epoch) for epoch in epochs[start : start + _GROUP]]

    def _reply(self, epoch: int) -> RawReply:
        staged = self._staged[epoch]
        text = json.dumps({STAGE_KEY: staged.stage.value})
        return RawReply(epoch=epoch, text=text, probabilities=staged.probabilities)


def stage_night(signals: NightSignals) -> list[_Staged]:
    """Stage all epochs of a night; raises BundleError if it has no EEG that YASA uses."""
    eeg, eog, emg = (_first_of(kinds, signals) for kinds in (_EEG, _EOG, _EMG))
    if eeg is None:
        raise BundleError("YASA needs C4-M1 or F4-M1, and this night has neither")
    names = [name for name in (eeg, eog, emg) if name is not None]
    info = mne.create_info([str(name) for name in names], SFREQ_HZ, "eeg", verbose="error")
    raw = mne.io.RawArray(_whole_night_v(signals, names), info, verbose="error")
    staged = SleepStaging(raw, eeg, eog_name=eog, emg_name=emg).predict()
    return [
        _Staged(
            _STAGES[row.idxmax()],
            {_STAGES[name].value: round(float(row[name]), 4) for name in row.index},
        )
        for _, row in staged.proba.iterrows()
    ]


def _first_of(kinds: Sequence[Derivation], signals: NightSignals) -> Derivation | None:
    return next((kind for kind in kinds if kind in signals.derivations), None)


def _whole_night_v(signals: NightSignals, names: Sequence[Derivation]) -> NDArray[np.float64]:
    """The chosen derivations over the whole night: (n_names, n_epochs * 3000) in volts."""
    rows = [signals.derivations.index(name) for name in names]
    epochs_uv = signals.read_uv(0, signals.epoch_count)[:, rows]
    return epochs_uv.transpose(1, 0, 2).reshape(len(rows), -1).astype(np.float64) * 1e-6
