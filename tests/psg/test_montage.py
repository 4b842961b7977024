"""From labels to derivations."""

import pytest

from psg.montage import DERIVATIONS, Derivation, find_derivations

CASES = {
    "mass computed ears": [
        "EEG F4-CLE",
        "EEG C4-CLE",
        "EEG O2-CLE",
        "EOG Left Horiz",
        "EOG Right Horiz",
        "EMG Chin1",
        "EMG Chin2",
    ],
    "mass linked ears": [
        "EEG F4-LER",
        "EEG C4-LER",
        "EEG O2-LER",
        "EOG Left Horiz",
        "EOG Right Horiz",
        "EMG Chin",
    ],
    "aasm": ["F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2", "Chin1-Chin2"],
    "older ears": ["F4-A1", "C4-A1", "O2-A1", "LOC", "ROC", "EMG submental"],
    "colons": ["F4:M1", "C4:M1", "O2:M1", "EOG1", "EOG2", "EMG chin"],
    "brackets": ["EEG F4-M1", "EEG C4-M1", "EEG O2-M1", "EOG(L)", "EOG(R)", "EMG"],
}


@pytest.mark.parametrize("name", CASES)
def test_the_six_derivations_are_found_by_themselves(name: str):
    match = find_derivations(CASES[name])
    assert tuple(match.sources) == DERIVATIONS
    assert match.missing == ()


def test_two_chin_electrodes_become_their_difference():
    source = find_derivations(CASES["mass computed ears"]).sources[Derivation.CHIN]
    assert (source.positive, source.negative, source.reference) == (5, 6, "bipolar")


def test_the_true_reference_is_recorded():
    match = find_derivations(CASES["mass linked ears"])
    assert match.sources[Derivation.F4].reference == "LER"
    assert any("linked ears" in note for note in match.notes)


def test_backups_stand_in_and_are_named():
    match = find_derivations(["F3-M2", "C3-M2", "O1-M2", "C4-M1"])
    assert match.sources[Derivation.F4].is_backup
    assert match.sources[Derivation.O2].label == "O1-M2"
    assert not match.sources[Derivation.C4].is_backup
    assert "F4-M1 is missing; the backup F3-M2 stands in for it." in match.notes


def test_a_mastoid_channel_is_subtracted():
    source = find_derivations(["EEG F4", "EEG M1", "EEG M2"]).sources[Derivation.F4]
    assert (source.positive, source.negative, source.reference) == (0, 1, "M1")


def test_the_contralateral_mastoid_is_preferred_over_file_order():
    assert find_derivations(["C4-CLE", "C4-M1"]).sources[Derivation.C4].positive == 1


def test_what_is_missing_is_listed():
    match = find_derivations(["C4-M1", "SaO2", "EMG LAT", "Leg/L", "ECG", ""])
    assert tuple(match.sources) == (Derivation.C4,)
    assert len(match.missing) == 5


def test_the_first_of_two_channels_with_one_label_is_used():
    assert find_derivations(["C4-M1", "C4-M1"]).sources[Derivation.C4].positive == 0
