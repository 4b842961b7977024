import numpy as np
import pytest

from psg.events import ContinuousNight, detect_events, read_continuous
from psg.events.registry import EVENT_KINDS
from psg.montage import DERIVATIONS, Derivation
from psg.night import ArrayNight

DETECTORS = {kind.id: kind.find for kind in EVENT_KINDS if kind.find}


@pytest.mark.parametrize("kind", DETECTORS)
def test_no_detector_fires_on_a_flat_line(kind):
    night = ContinuousNight({name: np.zeros(6000) for name in DERIVATIONS})
    assert DETECTORS[kind](night) == []


@pytest.mark.parametrize("kind", DETECTORS)
def test_every_detector_lives_with_missing_derivations_and_bad_samples(kind):
    rng = np.random.default_rng(0)
    bad = 1e9 * rng.standard_normal(3000)
    bad[::7] = np.nan
    bad[5] = np.inf
    for present in ((Derivation.CHIN,), (Derivation.E1,), DERIVATIONS):
        found = DETECTORS[kind](ContinuousNight(dict.fromkeys(present, bad)))
        assert all(np.isfinite([event.start_s, event.end_s]).all() for event in found)


def test_a_single_sample_and_an_empty_night_are_survived():
    for count in (0, 1, 2):
        night = ContinuousNight({name: np.ones(count) for name in DERIVATIONS})
        assert all(not found for found in detect_events(night).values())


def test_events_come_in_order_of_time(drawing, waves):
    for start_s in (40.0, 10.0, 25.0):
        drawing.add(Derivation.C4, start_s, waves.oscillation(13, 1.0, 35))
    starts = [event.start_s for event in detect_events(drawing.night())["spindle"]]
    assert len(starts) == 3
    assert starts == sorted(starts)


def test_epochs_are_joined_in_order():
    epochs = np.arange(2 * 2 * 3000, dtype=np.float32).reshape(2, 2, 3000)
    night = read_continuous(ArrayNight((Derivation.F4, Derivation.CHIN), epochs))
    assert night.duration_s == 60
    np.testing.assert_array_equal(
        night.signal(Derivation.CHIN), np.concatenate([epochs[0, 1], epochs[1, 1]])
    )
