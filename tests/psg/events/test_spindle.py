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


@pytest.mark.parametrize("size_uv", [14, 25, 60])
def test_a_spindle_is_compared_with_what_is_usual_around_it(draw, waves, size_uv):
    long = draw(duration_s=600.0)
    for start_s in range(200, 590, 4):
        long.add(C4, start_s, waves.oscillation(13, 3.6, 30))
    night = long.add(C4, 60.0, waves.oscillation(13, 1.0, size_uv)).night()
    assert [round(event.start_s) for event in spindle.find(night) if event.end_s < 100] == [60]


@pytest.mark.parametrize("size_uv", [80, 150, 250])
def test_a_spindle_after_a_k_complex_is_found(drawing, waves, size_uv):
    drawing.add(C4, 19.0, waves.k_complex(size_uv))
    (found,) = spindle.find(drawing.add(C4, 20.1, waves.oscillation(13, 0.8, 35)).night())
    assert found.start_s == pytest.approx(20.1, abs=0.25)
    assert found.end_s == pytest.approx(20.9, abs=0.25)


@pytest.mark.parametrize(("frequency_hz", "size_uv"), [(13.0, 35), (12.0, 25), (15.0, 50)])
def test_a_burst_in_an_awake_eeg_is_no_spindle(draw, waves, frequency_hz, size_uv):
    awake = draw(noise_uv=1.0)
    for start_s in range(0, 60, 3):
        awake.add(C4, start_s, waves.oscillation(22, 2.8, 16))
    night = awake.add(C4, 20.0, waves.oscillation(frequency_hz, 1.0, size_uv)).night()
    assert spindle.find(night) == []


def test_each_of_two_spindles_close_to_each_other_is_found(drawing, waves):
    for start_s in (20.0, 21.6):
        drawing.add(C4, start_s, waves.oscillation(13.5, 0.9, 35))
    assert len(spindle.find(drawing.night())) == 2


@pytest.mark.parametrize("flat_s", [20, 45, 100])
def test_beside_a_flat_stretch_noise_is_no_spindle(draw, flat_s):
    noisy = draw(duration_s=240.0, noise_uv=15.0)
    noisy.signals[C4][6000 : 6000 + 100 * flat_s] = 0.0
    assert spindle.find(noisy.night()) == spindle.find(draw(240.0, 15.0).night()) == []
