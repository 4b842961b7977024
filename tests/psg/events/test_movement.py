import numpy as np
import pytest

from psg.events import movement
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
