import pytest

from psg.events import slow_wave
from psg.montage import Derivation

F4 = Derivation.F4


def seconds(events):
    return sum(event.duration_s for event in events)


def test_a_train_of_large_slow_waves_fills_its_seconds(drawing, waves):
    night = drawing.add(F4, 20.0, waves.oscillation(1.0, 10.0, 120)).night()
    found = slow_wave.find(night)
    assert seconds(found) == pytest.approx(10.0, abs=1.5)
    assert all(0.5 <= event.frequency_hz <= 2.0 for event in found)
    assert all(event.peak_to_peak_uv > 75 for event in found)


@pytest.mark.parametrize(
    ("frequency_hz", "size_uv"), [(1.0, 60), (3.5, 150), (0.35, 160), (1.0, 700)]
)
def test_too_small_too_fast_too_slow_or_too_large_waves_do_not_count(
    drawing, waves, frequency_hz, size_uv
):
    night = drawing.add(F4, 20.0, waves.oscillation(frequency_hz, 12.0, size_uv)).night()
    # The train's flanks may pass as single waves; the train itself must not.
    assert seconds(slow_wave.find(night)) < 3.0


def test_waves_outside_the_frontal_derivation_do_not_count(drawing, waves):
    night = drawing.add(Derivation.O2, 20.0, waves.oscillation(1.0, 10.0, 120)).night()
    assert slow_wave.find(night) == []


def test_the_centre_is_searched_where_the_frontal_derivation_is_missing(drawing, waves):
    night = drawing.add(Derivation.C4, 20.0, waves.oscillation(1.0, 10.0, 120)).without(F4)
    found = slow_wave.find(night)
    assert seconds(found) == pytest.approx(10.0, abs=1.5)
    assert {event.derivation for event in found} == {Derivation.C4}


@pytest.mark.parametrize("central", [0.0, 0.2])
def test_a_single_frontal_wave_that_fades_centrally_is_no_slow_wave(drawing, waves, central):
    wave = waves.k_complex(120, duration_s=1.0)
    drawing.add(F4, 30.0, wave).add(Derivation.C4, 30.0, wave, gain=central)
    assert slow_wave.find(drawing.night()) == []


@pytest.mark.parametrize("central", [1.3, 2.0, 4.0])
def test_the_centre_is_searched_where_it_shows_the_frontal_waves_larger(drawing, waves, central):
    """The reference of F4 lies too near, so that F4 does not show their size."""
    train = waves.oscillation(1.0, 40.0, 70)
    drawing.add(F4, 10.0, train).add(Derivation.C4, 10.0, train, gain=central)
    found = slow_wave.find(drawing.night())
    assert seconds(found) == pytest.approx(40.0, abs=3.0)
    assert {event.derivation for event in found} == {Derivation.C4}


@pytest.mark.parametrize("central", [0.6, 0.85, 1.0])
def test_the_front_is_searched_where_the_centre_shows_smaller_waves(drawing, waves, central):
    train = waves.oscillation(1.0, 40.0, 120)
    drawing.add(F4, 10.0, train).add(Derivation.C4, 10.0, train, gain=central)
    assert {event.derivation for event in slow_wave.find(drawing.night())} == {F4}


@pytest.mark.parametrize("frequency_hz", [0.7, 1.3])
def test_the_front_is_searched_where_the_centre_is_large_and_not_alike(
    drawing, waves, frequency_hz
):
    """A loose central electrode is no measure of frontal waves."""
    drawing.add(F4, 10.0, waves.oscillation(1.0, 40.0, 120))
    drawing.add(Derivation.C4, 10.0, waves.oscillation(frequency_hz, 40.0, 300))
    assert {event.derivation for event in slow_wave.find(drawing.night())} == {F4}
