import numpy as np
import pytest
from scipy.signal import sawtooth as sawtooth_of

from psg.events import ContinuousNight, sawtooth
from psg.montage import Derivation

C4 = Derivation.C4


def test_a_regular_train_is_found():
    times = np.arange(300) / 100
    train = 25 * sawtooth_of(2 * np.pi * 3 * times, width=0.8)
    rng = np.random.default_rng(0)
    signal = 3 * rng.standard_normal(6000)
    signal[3000:3300] += train
    (found,) = sawtooth.find(ContinuousNight({C4: signal}))
    assert found.middle_s == pytest.approx(31.5, abs=0.5)
    assert found.frequency_hz == pytest.approx(3, abs=0.6)


@pytest.mark.parametrize(
    ("frequency_hz", "duration_s", "size_uv"), [(3, 0.7, 50), (9, 3, 50), (3, 3, 8)]
)
def test_short_fast_or_faint_trains_are_none(drawing, waves, frequency_hz, duration_s, size_uv):
    night = drawing.add(C4, 30.0, waves.oscillation(frequency_hz, duration_s, size_uv)).night()
    assert sawtooth.find(night) == []
