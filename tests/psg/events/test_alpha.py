import pytest

from psg.events import alpha
from psg.montage import Derivation

O2, C4 = Derivation.O2, Derivation.C4


def test_occipital_alpha_is_found_with_its_frequency(drawing, waves):
    night = drawing.add(O2, 10.0, waves.oscillation(10, 18.0, 40)).night()
    (found,) = alpha.find(night)
    assert found.duration_s == pytest.approx(18, abs=1)
    assert found.frequency_hz == pytest.approx(10, abs=0.5)


def test_spindles_spreading_to_the_occiput_are_not_alpha(drawing, waves):
    spindle = waves.oscillation(12.5, 1.6, 40)
    night = drawing.add(C4, 20.0, spindle).add(O2, 20.0, spindle, gain=0.6).night()
    assert alpha.find(night) == []


@pytest.mark.parametrize(("frequency_hz", "size_uv"), [(6, 40), (18, 40), (10, 5)])
def test_theta_beta_and_faint_alpha_do_not_count(drawing, waves, frequency_hz, size_uv):
    night = drawing.add(O2, 10.0, waves.oscillation(frequency_hz, 18.0, size_uv)).night()
    assert alpha.find(night) == []


def test_alpha_elsewhere_does_not_count(drawing, waves):
    night = drawing.add(C4, 10.0, waves.oscillation(10, 18.0, 40)).night()
    assert alpha.find(night) == []
    assert alpha.find(drawing.without(O2)) == []
