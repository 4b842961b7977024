"""An outside referee: a stager trained on real nights reads simulated ones.

It must find its way, and it must not find the nights easier than real ones.
"""

import mne
import numpy as np
import pytest
import yasa
from scipy.signal import resample_poly

from psg.agreement import cohen_kappa
from psg.simulate import SimulatedNight, simulate_night
from psg.stages import Stage, parse_stage_text

# YASA comes with a model that an older scikit-learn has written.
OLDER = "ignore::sklearn.exceptions.InconsistentVersionWarning"
pytestmark = [pytest.mark.long, pytest.mark.filterwarnings(OLDER)]
CHANNELS = {"C4": "EEG C4-CLE", "LOC": "EOG Left Horiz"}


def staged_by_yasa(night: SimulatedNight) -> list[Stage | None]:
    chin = night.signals_uv["EMG Chin1"] - night.signals_uv["EMG Chin2"]
    signals = [*(night.signals_uv[label] for label in CHANNELS.values()), chin]
    first = round(night.grid.epoch0_s * night.sfreq_hz)
    last = first + round(night.grid.epoch_count * 30 * night.sfreq_hz)
    at_100_hz = np.array([resample_poly(s[first:last].astype(float), 25, 64) for s in signals])
    info = mne.create_info([*CHANNELS, "EMG"], 100, ["eeg", "eog", "emg"], verbose="error")
    raw = mne.io.RawArray(at_100_hz * 1e-6, info, verbose="error")
    staging = yasa.SleepStaging(raw, eeg_name="C4", eog_name="LOC", emg_name="EMG")
    hypnogram = staging.predict()
    return [parse_stage_text(str(stage)) for stage in getattr(hypnogram, "hypno", hypnogram)]


def test_yasa_finds_its_way_through_a_night_but_not_too_easily(night: SimulatedNight):
    assert 0.5 < cohen_kappa(night.stages, staged_by_yasa(night)) < 0.9


def test_yasa_finds_its_way_through_the_night_of_another_subject():
    another = simulate_night(hours=2, seed=1)
    assert 0.5 < cohen_kappa(another.stages, staged_by_yasa(another)) < 0.9
