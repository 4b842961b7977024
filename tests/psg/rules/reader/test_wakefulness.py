"""W by the EEG alone, where no derivation shows alpha."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from psg.events import ContinuousNight
from psg.montage import Derivation
from psg.rules.reader.wakefulness import waking_eeg

C4 = Derivation.C4


def noise(lo_hz: float, hi_hz: float, rms_uv: float) -> np.ndarray:
    """An epoch of noise in a band."""
    white = np.random.default_rng(0).standard_normal(3000)
    row = sosfilt(butter(2, (lo_hz, hi_hz), "bandpass", fs=100, output="sos"), white)
    return rms_uv * row / row.std()


@pytest.mark.parametrize(
    ("fast_uv", "slow_uv", "is_awake"),
    [(2.0, 4.0, True), (4.0, 7.0, True), (1.2, 9.0, False), (1.2, 25.0, False), (6.0, 30.0, False)],
)
def test_fast_activity_with_little_slow_activity_is_that_of_w(fast_uv, slow_uv, is_awake):
    night = ContinuousNight({C4: noise(16, 30, fast_uv) + noise(0.5, 4, slow_uv)})
    assert waking_eeg(night, 1) == [is_awake]


def test_seconds_hidden_by_movement_do_not_count():
    row = noise(16, 30, 2.0) + noise(0.5, 4, 4.0)
    row[: 14 * 100] += 400 * np.sin(2 * np.pi * np.arange(14 * 100) / 100)
    assert waking_eeg(ContinuousNight({C4: row}), 1) == [True]
    row[: 26 * 100] += 400 * np.sin(2 * np.pi * np.arange(26 * 100) / 100)
    assert waking_eeg(ContinuousNight({C4: row}), 1) == [None]


def test_it_is_not_asked_where_alpha_can_be_seen_nor_without_c4():
    row = noise(16, 30, 2.0)
    for present in ((C4, Derivation.O2), (Derivation.F4,), ()):
        assert waking_eeg(ContinuousNight(dict.fromkeys(present, row)), 1) == [None]
