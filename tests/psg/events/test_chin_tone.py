import numpy as np
import pytest

from psg.events import ContinuousNight, chin_tone
from psg.montage import Derivation

CHIN = Derivation.CHIN


def chin_night(levels_uv, seconds_each=60):
    rng = np.random.default_rng(2)
    parts = [level * rng.standard_normal(seconds_each * 100) for level in levels_uv]
    return ContinuousNight({CHIN: np.concatenate(parts)})


def test_low_tone_is_the_lower_half_of_the_nights_own_range():
    tone = chin_tone.measure_tone(chin_night([16, 8, 2, 2]))
    assert tone.informative
    assert 2.5 < tone.low_below_uv < 8
    assert tone.level_uv.shape == (240,)
    assert np.median(tone.level_uv[:60]) == pytest.approx(16, rel=0.05)


def test_a_chin_that_never_changes_tells_nothing():
    assert not chin_tone.measure_tone(chin_night([5, 5, 5])).informative
    assert not chin_tone.measure_tone(chin_night([0, 0])).informative


def test_a_night_without_a_chin_has_no_tone():
    night = ContinuousNight({Derivation.C4: np.zeros(3000)})
    assert chin_tone.measure_tone(night) is None
    assert chin_tone.find(night) == []


def test_a_sudden_rise_is_found():
    (rise,) = chin_tone.find(chin_night([2, 8]))
    assert rise.start_s == pytest.approx(60, abs=0.5)


@pytest.mark.parametrize("levels", [[4, 4], [8, 2], [4, 6]])
def test_steady_falling_or_slightly_higher_tone_is_no_rise(levels):
    assert chin_tone.find(chin_night(levels)) == []


def test_a_twitch_is_no_rise():
    night = chin_night([2, 2])
    night.signal(CHIN)[6000:6030] *= 8
    assert chin_tone.find(night) == []
