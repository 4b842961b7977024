import pytest

from psg.events import spindle
from psg.montage import Derivation

C4 = Derivation.C4


@pytest.mark.parametrize("frequency_hz", [12.0, 13.5, 15.0])
def test_a_spindle_is_found_with_its_frequency_and_place(drawing, waves, frequency_hz):
    night = drawing.add(C4, 20.0, waves.oscillation(frequency_hz, 1.0, 35)).night()
    (found,) = spindle.find(night)
    assert found.derivation is C4
    assert found.start_s == pytest.approx(20.0, abs=0.25)
    assert found.end_s == pytest.approx(21.0, abs=0.25)
    assert found.frequency_hz == pytest.approx(frequency_hz, abs=0.8)
    assert found.peak_to_peak_uv == pytest.approx(35, rel=0.3)


def test_quiet_noise_holds_no_spindle(drawing):
    assert spindle.find(drawing.night()) == []


def test_a_burst_under_half_a_second_is_no_spindle(drawing, waves):
    night = drawing.add(C4, 20.0, waves.oscillation(13, 0.3, 40)).night()
    assert spindle.find(night) == []


def test_alpha_and_beta_are_no_spindles(drawing, waves):
    drawing.add(C4, 10.0, waves.oscillation(9.5, 2.0, 50))
    drawing.add(C4, 30.0, waves.oscillation(20, 2.0, 50))
    assert spindle.find(drawing.night()) == []


def test_muscle_noise_is_no_spindle(draw):
    noisy = draw(noise_uv=4.0)
    noisy.add(C4, 20.0, draw(duration_s=3.0, noise_uv=40.0, seed=5).signals[C4])
    assert all(not 19 < event.middle_s < 24 for event in spindle.find(noisy.night()))


def test_a_long_train_is_no_spindle(drawing, waves):
    night = drawing.add(C4, 20.0, waves.oscillation(13, 8.0, 35)).night()
    assert spindle.find(night) == []


def test_no_central_derivation_no_spindles(drawing):
    assert spindle.find(drawing.without(C4)) == []
