import pytest

from psg.events import arousal
from psg.montage import Derivation

C4, O2 = Derivation.C4, Derivation.O2


@pytest.mark.parametrize(("derivation", "frequency_hz"), [(O2, 10), (C4, 9), (C4, 22)])
def test_an_abrupt_shift_of_three_seconds_is_an_arousal(drawing, waves, derivation, frequency_hz):
    night = drawing.add(derivation, 30.0, waves.oscillation(frequency_hz, 5.0, 30)).night()
    (found,) = arousal.find(night)
    assert found.start_s == pytest.approx(30, abs=0.6)
    assert found.duration_s == pytest.approx(5, abs=1)


def test_a_shift_under_three_seconds_is_none(drawing, waves):
    assert arousal.find(drawing.add(O2, 30.0, waves.oscillation(10, 1.5, 30)).night()) == []


def test_spindles_and_slow_waves_are_none(drawing, waves):
    drawing.add(C4, 20.0, waves.oscillation(13.5, 3.5, 30))
    drawing.add(C4, 40.0, waves.oscillation(1.0, 10, 120))
    assert arousal.find(drawing.night()) == []


def test_steady_alpha_is_no_arousal_after_its_beginning(draw, waves):
    night = draw(duration_s=90).add(O2, 0.0, waves.oscillation(10, 90, 40)).night()
    assert arousal.find(night) == []


def test_ten_quiet_seconds_must_come_before(draw, waves):
    drawing = draw(duration_s=90)
    drawing.add(O2, 40.0, waves.oscillation(10, 4.0, 30))
    drawing.add(O2, 50.0, waves.oscillation(10, 4.0, 60))
    assert [round(event.start_s) for event in arousal.find(drawing.night())] == [40]
