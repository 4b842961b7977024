import numpy as np
import pytest

from psg.events import k_complex
from psg.montage import Derivation

F4, C4, E1, E2 = Derivation.F4, Derivation.C4, Derivation.E1, Derivation.E2


def test_a_k_complex_is_found_where_it_is(drawing, waves):
    drawing.add(F4, 30.0, waves.k_complex(150)).add(C4, 30.0, waves.k_complex(150), gain=0.8)
    (found,) = k_complex.find(drawing.night())
    assert found.start_s == pytest.approx(30.0, abs=0.3)
    assert found.duration_s >= 0.5
    assert found.peak_to_peak_uv == pytest.approx(150, rel=0.25)


def test_the_positive_wave_must_come_second(drawing, waves):
    upside_down = -waves.k_complex(150)
    drawing.add(F4, 30.0, upside_down).add(C4, 30.0, upside_down)
    found = k_complex.find(drawing.night())
    assert all(abs(event.start_s - 30.0) > 0.2 for event in found)


def test_a_small_wave_is_no_k_complex(drawing, waves):
    drawing.add(F4, 30.0, waves.k_complex(55)).add(C4, 30.0, waves.k_complex(55))
    assert k_complex.find(drawing.night()) == []


def test_a_train_of_slow_waves_holds_no_k_complex(drawing, waves):
    train = waves.oscillation(0.9, 40.0, 140)
    drawing.add(F4, 10.0, train).add(C4, 10.0, train)
    assert k_complex.find(drawing.night()) == []


def test_a_frontal_eye_artefact_that_fades_centrally_is_no_k_complex(drawing, waves):
    drawing.add(F4, 30.0, waves.k_complex(150)).add(C4, 30.0, waves.k_complex(150), gain=0.2)
    assert k_complex.find(drawing.night()) == []


def test_eyes_that_move_against_each_other_at_once_speak_against_it(drawing, waves):
    wave = waves.k_complex(150)
    drawing.add(F4, 30.0, wave).add(C4, 30.0, wave)
    drawing.add(E1, 30.0, wave, gain=0.6).add(E2, 30.0, wave, gain=-0.6)
    assert k_complex.find(drawing.night()) == []


def test_noise_alone_gives_none(drawing):
    assert k_complex.find(drawing.night()) == []
    assert k_complex.find(drawing.without(F4)) == []


def test_a_flat_line_gives_none(drawing):
    drawing.signals = {name: np.zeros(6000) for name in drawing.signals}
    assert k_complex.find(drawing.night()) == []
