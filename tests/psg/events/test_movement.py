import numpy as np
import pytest

from psg.events import DetectedEvent, movement
from psg.events.measures import measure_epochs
from psg.montage import EEG_DERIVATIONS, Derivation


def muscle(seconds, size_uv):
    return size_uv * np.random.default_rng(3).standard_normal(seconds * 100)


def test_artefact_over_two_derivations_hides_its_seconds(drawing):
    for derivation in EEG_DERIVATIONS[:2]:
        drawing.add(derivation, 20.0, muscle(10, 60))
    (found,) = movement.find(drawing.night())
    assert found.start_s == pytest.approx(20, abs=1)
    assert found.duration_s == pytest.approx(10, abs=1)


def test_artefact_of_one_electrode_is_no_movement(drawing):
    assert movement.find(drawing.add(Derivation.O2, 20.0, muscle(10, 60)).night()) == []


def test_large_slow_waves_are_no_movement(drawing, waves):
    for derivation in EEG_DERIVATIONS:
        drawing.add(derivation, 20.0, waves.oscillation(1.0, 20, 220))
    assert movement.find(drawing.night()) == []


def test_a_night_without_eeg_has_no_hidden_eeg(drawing):
    assert movement.find(drawing.without(*EEG_DERIVATIONS)) == []


def around_a_movement(kind, *starts_s):
    """What is left of events of a second in an epoch that moves from 5 to 9 s."""
    events = {
        kind: [DetectedEvent(kind, Derivation.C4, start, start + 1.0) for start in starts_s],
        movement.KIND: [DetectedEvent(movement.KIND, Derivation.C4, 5.0, 9.0)],
    }
    (epoch,) = measure_epochs(events, None, 1)
    assert epoch.count(movement.KIND) == 1
    return [event.start_s for event in epoch.of(kind)]


@pytest.mark.parametrize("kind", ["spindle", "k_complex", "slow_wave", "rem", "alpha", "theta"])
def test_waves_that_a_movement_hides_by_half_are_not_measured(kind):
    assert around_a_movement(kind, 4.4, 4.5, 6.0, 8.5, 8.6, 20.0) == [4.4, 8.6, 20.0]


@pytest.mark.parametrize("kind", ["arousal", "chin_tone"])
def test_arousals_and_tone_come_with_a_movement_and_stay(kind):
    assert around_a_movement(kind, 4.5, 6.0) == [4.5, 6.0]
