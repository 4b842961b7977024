import pytest

from psg.events import vertex_wave
from psg.montage import Derivation

F4, C4, O2 = Derivation.F4, Derivation.C4, Derivation.O2


def test_a_sharp_central_wave_is_found(drawing, waves):
    wave = waves.k_complex(110, duration_s=0.35)
    night = drawing.add(C4, 30.0, wave).add(F4, 30.0, wave, gain=0.5).night()
    (found,) = vertex_wave.find(night)
    assert found.start_s == pytest.approx(30, abs=0.15)
    assert found.duration_s < 0.5


def test_a_wave_larger_frontally_is_none(drawing, waves):
    wave = waves.k_complex(110, duration_s=0.35)
    assert vertex_wave.find(drawing.add(C4, 30.0, wave).add(F4, 30.0, wave, 1.3).night()) == []


def test_a_long_wave_and_noise_are_none(drawing, waves):
    night = drawing.add(C4, 30.0, waves.k_complex(110, duration_s=1.2)).night()
    assert vertex_wave.find(night) == []
    assert vertex_wave.find(drawing.without(C4)) == []


@pytest.mark.parametrize("size_uv", [100, 190])
def test_a_k_complex_of_a_night_without_frontal_derivation_is_no_vertex_wave(
    drawing, waves, size_uv
):
    for duration_s, start_s in ((0.7, 20.0), (1.0, 35.0)):
        drawing.add(C4, start_s, waves.k_complex(size_uv, duration_s=duration_s))
    assert vertex_wave.find(drawing.without(F4)) == []


def test_a_sharp_edge_before_a_slow_wave_is_none(drawing, waves):
    drawing.add(C4, 30.0, waves.k_complex(110, duration_s=0.35), gain=0.5)
    drawing.add(C4, 30.3, waves.oscillation(0.8, 1.2, 120))
    assert vertex_wave.find(drawing.night()) == []
