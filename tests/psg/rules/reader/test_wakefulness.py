"""W by the EEG alone, where no derivation shows alpha."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from psg.agreement import cohen_kappa
from psg.events import ContinuousNight
from psg.events.measures import EpochMeasures
from psg.montage import Derivation
from psg.night import ArrayNight
from psg.rules.reader import read_night
from psg.rules.reader.wakefulness import waking_eeg
from psg.simulate import preprocessed, simulate_night
from psg.stages import Stage

C4 = Derivation.C4


def noise(lo_hz: float, hi_hz: float, rms_uv: float) -> np.ndarray:
    """An epoch of noise in a band."""
    white = np.random.default_rng(0).standard_normal(3000)
    row = sosfilt(butter(2, (lo_hz, hi_hz), "bandpass", fs=100, output="sos"), white)
    return rms_uv * row / row.std()


def awake(night, *, makes_alpha=False, low_tone=None):
    return waking_eeg(night, [EpochMeasures(low_tone_share=low_tone)], makes_alpha=makes_alpha)


@pytest.mark.parametrize(
    ("fast_uv", "slow_uv", "is_awake"),
    [(2.0, 4.0, True), (4.0, 7.0, True), (1.2, 9.0, False), (1.2, 25.0, False), (6.0, 30.0, False)],
)
def test_fast_activity_with_little_slow_activity_is_that_of_w(fast_uv, slow_uv, is_awake):
    night = ContinuousNight({C4: noise(16, 30, fast_uv) + noise(0.5, 4, slow_uv)})
    assert awake(night) == [is_awake]


def test_seconds_hidden_by_movement_do_not_count():
    row = noise(16, 30, 2.0) + noise(0.5, 4, 4.0)
    row[: 14 * 100] += 400 * np.sin(2 * np.pi * np.arange(14 * 100) / 100)
    assert awake(ContinuousNight({C4: row})) == [True]
    row[: 26 * 100] += 400 * np.sin(2 * np.pi * np.arange(26 * 100) / 100)
    assert awake(ContinuousNight({C4: row})) == [None]


def test_with_o2_the_chin_must_say_that_tone_is_not_low():
    night = ContinuousNight(dict.fromkeys((C4, Derivation.O2), noise(16, 30, 2.0)))
    assert [awake(night, low_tone=share) for share in (0.0, 1.0, None)] == [[True], [None], [None]]


def test_it_is_not_asked_of_a_sleeper_with_alpha_nor_without_c4():
    row = noise(16, 30, 2.0)
    assert awake(ContinuousNight({C4: row}), makes_alpha=True) == [None]
    for present in ((Derivation.F4,), (Derivation.O2,), ()):
        assert awake(ContinuousNight(dict.fromkeys(present, row))) == [None]


def test_a_simulated_night_of_one_derivation_has_its_w():
    night = simulate_night(hours=1, seed=0)
    filtered = preprocessed(night)
    place = filtered.derivations.index(C4)
    readings = read_night(ArrayNight((C4,), filtered.epochs_uv[:, [place]]))
    true = list(night.stages)
    both = sum(r.stage is Stage.W is t for r, t in zip(readings, true, strict=True))
    assert both >= 0.8 * true.count(Stage.W)
    assert cohen_kappa(true, [reading.stage for reading in readings]) >= 0.65
