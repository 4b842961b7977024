import numpy as np
import pytest

from psg.claims import read_claims
from psg.claims.checking import check_epoch
from psg.claims.measured import MeasuredEpoch
from psg.claims.verdict import ClaimOutcome
from psg.events import blink, rapid_eye_movement, slow_eye_movement
from psg.events.faults import faults_of
from psg.events.measures import measure_signals
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


@pytest.mark.parametrize(("size_uv", "hold_s"), [(50, 0.2), (70, 0.4), (90, 0.6)])
def test_a_small_quick_turn_is_not_slow(drawing, waves, size_uv, hold_s):
    night = look(drawing, waves.step_and_back(0.1, hold_s, size_uv)).night()
    assert all(abs(event.start_s - 30.0) > 0.3 for event in slow_eye_movement.find(night))


@pytest.mark.parametrize("size_uv", [60, 150, 300])
@pytest.mark.parametrize("hz", [0.3, 0.5, 0.8])
def test_rolling_eyes_are_slow(drawing, waves, hz, size_uv):
    found = slow_eye_movement.find(look(drawing, waves.oscillation(hz, 6.0, size_uv)).night())
    assert len([event for event in found if 29 < event.start_s < 37]) >= 0.8 * 2 * 6 * hz - 1


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


def sleep_waves(drawing, waves, eyes, eeg=(1.0, 1.0, 0.8)):
    """Slow waves of N3 for 40 s, which reach the eyes with different sizes."""
    times = np.arange(4000) / 100
    wave = 60 * np.sin(2 * np.pi * 0.9 * times + 2 * np.sin(2 * np.pi * 0.13 * times))
    for derivation, gain in zip((E1, E2, F4, C4, O2), (*eyes, *eeg), strict=True):
        drawing.add(derivation, 10.0, wave, gain=gain)
    return drawing


@pytest.mark.parametrize("find", [rapid_eye_movement.find, slow_eye_movement.find, blink.find])
@pytest.mark.parametrize(
    "eyes", [(0.9, 0.5), (0.4, 1.1), (0.8, -0.3)], ids=["left", "right", "against each other"]
)
def test_slow_waves_that_reach_the_eyes_are_no_eye_movement(drawing, waves, find, eyes):
    assert find(sleep_waves(drawing, waves, eyes).night()) == []


@pytest.mark.parametrize("find", [rapid_eye_movement.find, slow_eye_movement.find, blink.find])
@pytest.mark.parametrize("kept", [(F4,), (C4,), (O2,), (F4, C4), ()])
def test_so_it_is_beside_few_eeg_derivations(drawing, waves, find, kept):
    sleep_waves(drawing, waves, (0.9, 0.4))
    assert find(drawing.without(*{F4, C4, O2} - set(kept))) == []


def looking_and_blinking(drawing, waves):
    """Two looks and three blinks in the second epoch."""
    for start_s in (35.0, 41.0):
        glance = waves.step_and_back(0.1, 0.1, 200)
        drawing.add(E1, start_s, glance, gain=-0.5).add(E2, start_s, glance, gain=0.5)
    for start_s in (45.0, 50.0, 55.0):
        lid = waves.step_and_back(0.15, 0.0, 130)
        for place, gain in ((E1, 0.9), (E2, 1.0), (F4, 0.5), (C4, 0.15)):
            drawing.add(place, start_s, lid, gain=gain)
    return drawing


@pytest.mark.parametrize(
    ("missing", "rems", "blinks"),
    [
        ((), 2, 3),
        ((C4,), 2, 3),
        ((C4, O2), 2, 0),
        ((F4, O2), 2, 0),
        ((F4, C4, O2), 0, 0),
    ],
)
def test_eyes_are_told_from_slow_waves_by_the_eeg_or_not_at_all(
    drawing, waves, missing, rems, blinks
):
    night = looking_and_blinking(drawing, waves).without(*missing)
    here = measure_signals(night, [], 2)[1]
    assert (here.count("rem"), here.count("blink")) == (rems, blinks)
    epoch = MeasuredEpoch(here, night.derivations)
    for text, count in (("No rapid eye movements.", rems), ("No blinks.", blinks)):
        verdict = check_epoch(read_claims(text).claims[0], epoch)
        assert verdict.outcome is not ClaimOutcome.SUPPORTED
        if not count and F4 not in missing:
            assert "cannot be told from" in verdict.reason


@pytest.mark.parametrize("dead", [(F4, C4, O2), (C4, O2)])
def test_eyes_are_not_told_in_an_epoch_whose_eeg_is_dead(drawing, waves, dead):
    looking_and_blinking(drawing, waves)
    for place in dead:
        drawing.signals[place][3000:] = 0.0
    night = drawing.night()
    faults = faults_of({place: night.signal(place).reshape(2, -1) for place in night.derivations})
    here = measure_signals(night, faults, 2)[1]
    assert bool(here.count("rem")) == (F4 not in dead)
    assert here.count("blink") == 0


def test_a_movement_that_slow_waves_cannot_explain_is_found_among_them(drawing, waves):
    look(
        sleep_waves(drawing, waves, (0.2, 0.15), (0.3, 0.3, 0.2)), waves.step_and_back(0.1, 0, 200)
    )
    starts = [event.start_s for event in rapid_eye_movement.find(drawing.night())]
    assert starts == [pytest.approx(30.0, abs=0.2)]


@pytest.mark.parametrize("hold_s", [0.0, 0.1, 0.2])
def test_a_look_away_and_back_is_one_movement(drawing, waves, hold_s):
    (found,) = rapid_eye_movement.find(look(drawing, waves.step_and_back(0.1, hold_s, 120)).night())
    assert found.start_s == pytest.approx(30.0, abs=0.15)
    assert found.duration_s <= 0.7


def test_two_looks_are_two_movements(drawing, waves):
    look(drawing, waves.step_and_back(0.1, 0.1, 120))
    glance = waves.step_and_back(0.1, 0.1, 120)
    drawing.add(E1, 32.0, glance, gain=0.5).add(E2, 32.0, glance, gain=-0.5)
    assert len(rapid_eye_movement.find(drawing.night())) == 2


def test_noise_of_the_eye_channels_raises_what_a_movement_needs(draw, waves):
    small = waves.step_and_back(0.12, 0.0, 60)
    assert len(rapid_eye_movement.find(look(draw(noise_uv=3.0), small).night())) == 1
    assert rapid_eye_movement.find(look(draw(noise_uv=20.0), small).night()) == []


@pytest.mark.parametrize("spike_uv", [20, 50])
def test_ecg_in_all_channels_is_no_eye_movement(drawing, spike_uv):
    beat = spike_uv * np.array([0.1, 0.6, 1.0, -0.6, -0.2])
    for start_s in np.arange(1.0, 58.0, 0.9):
        for derivation, gain in zip((F4, C4, O2, E1, E2), (1, 1, 0.9, 0.8, -0.5), strict=True):
            drawing.add(derivation, start_s, beat, gain=gain)
    night = drawing.night()
    assert rapid_eye_movement.find(night) == []
    assert blink.find(night) == []
