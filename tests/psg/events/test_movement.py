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


@pytest.mark.parametrize(
    ("moves_s", "spindle_s", "is_read"),
    [
        ((20, 30), 30.2, False),
        ((30, 40), 28.5, False),
        ((29, 31), 30.2, False),
        ((29, 31), 28.8, False),
        ((29, 31), 31.2, False),
        ((20, 28), 30.2, True),
        ((29, 31), 33.0, True),
    ],
)
def test_a_movement_hides_what_lies_beside_it_across_the_edge_of_an_epoch(
    moves_s, spindle_s, is_read
):
    events = {
        "movement": [DetectedEvent("movement", Derivation.F4, *moves_s)],
        "spindle": [DetectedEvent("spindle", Derivation.C4, spindle_s, spindle_s + 0.6)],
    }
    epochs = measure_epochs(events, None, 2)
    assert bool(sum(epoch.count("spindle") for epoch in epochs)) is is_read
