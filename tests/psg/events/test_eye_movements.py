import pytest

from psg.events import blink, rapid_eye_movement, slow_eye_movement
from psg.montage import Derivation

E1, E2, F4, C4, O2 = (
    Derivation.E1,
    Derivation.E2,
    Derivation.F4,
    Derivation.C4,
    Derivation.O2,
)


def look(drawing, wave, left=-0.5, right=0.5):
    return drawing.add(E1, 30.0, wave, gain=left).add(E2, 30.0, wave, gain=right)


def test_a_quick_conjugate_turn_is_a_rapid_eye_movement(drawing, waves):
    found = rapid_eye_movement.find(look(drawing, waves.step_and_back(0.12, 0.5, 120)).night())
    assert found[0].start_s == pytest.approx(30.0, abs=0.15)
    assert all(event.duration_s < 0.5 for event in found)
    assert found[0].peak_to_peak_uv == pytest.approx(120, rel=0.25)


def test_a_slow_turn_is_not_rapid_but_slow(drawing, waves):
    night = look(drawing, waves.step_and_back(1.5, 0.1, 120)).night()
    assert rapid_eye_movement.find(night) == []
    found = slow_eye_movement.find(night)
    assert found[0].start_s == pytest.approx(30.0, abs=0.5)
    assert all(event.duration_s > 0.5 for event in found)


def test_a_quick_turn_is_not_slow(drawing, waves):
    night = look(drawing, waves.step_and_back(0.12, 0.2, 120)).night()
    assert all(abs(event.start_s - 30.0) > 0.3 for event in slow_eye_movement.find(night))


@pytest.mark.parametrize("find", [rapid_eye_movement.find, slow_eye_movement.find])
def test_waves_that_both_eyes_share_are_brain_waves(drawing, waves, find):
    assert find(look(drawing, waves.step_and_back(0.12, 0.5, 120), left=0.5).night()) == []
    assert find(look(drawing, waves.k_complex(200), left=0.7, right=0.5).night()) == []


@pytest.mark.parametrize("find", [rapid_eye_movement.find, slow_eye_movement.find])
def test_one_eye_alone_moves_conjugately_with_nothing(drawing, waves, find):
    night = look(drawing, waves.step_and_back(0.12, 0.5, 120), left=0.0, right=1.0).night()
    assert find(night) == []
    assert find(drawing.without(E1)) == []


def test_small_jitter_is_no_rapid_eye_movement(drawing, waves):
    assert rapid_eye_movement.find(look(drawing, waves.step_and_back(0.12, 0.5, 25)).night()) == []


@pytest.mark.parametrize("left", [0.9, -0.9], ids=["E1 beside the eye", "E1 below the eye"])
def test_a_blink_is_found_in_both_electrode_placements_and_is_no_rem(drawing, waves, left):
    lid = waves.step_and_back(0.15, 0.0, 130)
    look(drawing, lid, left=left, right=1.0).add(F4, 30.0, lid, gain=0.5)
    night = drawing.add(C4, 30.0, lid, gain=0.15).night()
    (found,) = blink.find(night)
    assert found.start_s == pytest.approx(30.0, abs=0.2)
    assert rapid_eye_movement.find(night) == []


def test_a_horizontal_turn_without_the_forehead_is_no_blink(drawing, waves):
    assert blink.find(look(drawing, waves.step_and_back(0.12, 0.2, 160)).night()) == []


def test_a_widespread_wave_is_no_blink(drawing, waves):
    wave = waves.step_and_back(0.15, 0.0, 130)
    for derivation in (F4, C4, O2, E1, E2):
        drawing.add(derivation, 30.0, wave)
    assert blink.find(drawing.night()) == []
