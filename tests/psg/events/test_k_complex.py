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


@pytest.mark.parametrize("size_uv", [70, 90, 200])
def test_a_wave_of_any_size_counts_where_the_background_is_quiet(draw, waves, size_uv):
    wave = waves.k_complex(size_uv)
    night = draw(noise_uv=3.0).add(F4, 30.0, wave).add(C4, 30.0, wave).night()
    (found,) = k_complex.find(night)
    assert found.start_s == pytest.approx(30.0, abs=0.3)


@pytest.mark.parametrize("size_uv", [70, 90, 200])
def test_a_wave_of_any_size_is_none_among_waves_of_its_size(draw, waves, size_uv):
    train, wave = waves.oscillation(1.1, 40.0, size_uv), waves.k_complex(size_uv)
    night = draw(noise_uv=3.0)
    for derivation in (F4, C4):
        night.add(derivation, 10.0, train).add(derivation, 30.0, wave)
    assert k_complex.find(night.night()) == []


def test_the_centre_is_searched_where_the_frontal_derivation_is_missing(drawing, waves):
    (found,) = k_complex.find(drawing.add(C4, 30.0, waves.k_complex(120)).without(F4))
    assert found.derivation == C4
    assert found.start_s == pytest.approx(30.0, abs=0.3)


def test_k_complexes_that_follow_each_other_are_both_found(drawing, waves):
    for start_s in (28.0, 31.0, 34.0):
        wave = waves.k_complex(150)
        drawing.add(F4, start_s, wave).add(C4, start_s, wave)
    assert len(k_complex.find(drawing.night())) == 3


@pytest.mark.parametrize("central", [0.0, 0.3, -0.5])
def test_a_frontal_wave_whose_trough_is_not_central_is_none(drawing, waves, central):
    drawing.add(F4, 30.0, waves.k_complex(150)).add(C4, 30.0, waves.k_complex(150), gain=central)
    assert k_complex.find(drawing.night()) == []


@pytest.mark.parametrize("duration_s", [0.6, 1.0, 1.35])
@pytest.mark.parametrize("beat_uv", [0, -30, 50])
def test_a_long_one_is_found_under_heart_beats(draw, waves, duration_s, beat_uv):
    """Beats ride on the wave at different phases."""
    wave, starts = waves.k_complex(150, duration_s), (15.0, 25.4, 35.8, 46.2)
    drawing = draw(noise_uv=3.0)
    for start_s in starts:
        drawing.add(C4, start_s, wave)
    beat = beat_uv * np.array([0.2, 0.7, 1.0, 0.7, -0.3, -0.2])
    for beat_s in np.arange(0.3, 59.0, 0.93):
        drawing.add(C4, beat_s, beat)
    found = k_complex.find(drawing.without(F4))
    for start_s in starts:
        assert any(e.start_s < start_s + duration_s and e.end_s > start_s for e in found)
    assert len(found) == len(starts)


@pytest.mark.parametrize("frequency_hz", [0.8, 1.1, 1.6])
@pytest.mark.parametrize("cycles", [3, 6])
def test_no_wave_of_a_short_train_counts(draw, waves, frequency_hz, cycles):
    """Neither the first, which has nothing before it, nor the last."""
    night = draw(noise_uv=3.0)
    train = -waves.oscillation(frequency_hz, cycles / frequency_hz, 150)
    for derivation in (F4, C4):
        night.add(derivation, 25.0, train)
    assert k_complex.find(night.night()) == []


def test_two_that_follow_each_other_at_once_both_count(draw, waves):
    """As the experts marked them in two recordings."""
    night = draw(noise_uv=3.0)
    for derivation in (F4, C4):
        for start_s in (30.0, 31.6):
            night.add(derivation, start_s, waves.k_complex(150))
    assert len(k_complex.find(night.night())) == 2
