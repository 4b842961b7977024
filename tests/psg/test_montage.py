"""From labels to derivations."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psg.montage import DERIVATIONS, Derivation, candidates, find_derivations

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
    "colons twice": ["EEG:F4:A1", "EEG:C4:A1", "EEG:O2:A1", "EOG:LEOG:A2", "EOG:REOG:A1", "EMG"],
    "French": ["F4M1", "C4M1", "O2M1", "OculoG", "OculoD", "EMG menton"],
    "with a blank": ["F4M1", "C4M1", "O2M1", "Oculo G", "Oculo D", "EMG menton"],
    "numbered": ["1: F4-M1", "2: C4-M1", "3: O2-M1", "4: EOG L", "5: EOG R", "6: EMG chin"],
    "numbered in brackets": ["1) F4-M1", "2) C4", "3) O2-M1", "4) LOC", "5) ROC", "6) Chin"],
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


# What labels of other recorders mean: derivation, then the labels that make it; "" for none.

F4, C4, O2, E1, E2, CHIN = DERIVATIONS
MEANINGS = {
    "joined": ("F4M1, C4A1, O2-M1, E1M2, LOCA2", {F4: "F4M1", C4: "C4A1", E1: "E1M2"}),
    "common reference": (
        "EEG C4-Ref, EEG A1-Ref, EOG LOC-Ref, EEG A2-Ref",
        {C4: "EEG C4-Ref - EEG A1-Ref", E1: "EOG LOC-Ref - EEG A2-Ref"},
    ),
    "common reference G2": ("C4-G2, M1-G2", {C4: "C4-G2 - M1-G2"}),
    "common reference Vref": ("O2-Vref, A1-Vref", {O2: "O2-Vref - A1-Vref"}),
    "common reference Cz": (
        "C4-Cz, A1-Cz, E2-Cz, A2-Cz",
        {C4: "C4-Cz - A1-Cz", E2: "E2-Cz - A2-Cz"},
    ),
    "common reference AVG": ("F4:AVG, M1:AVG", {F4: "F4:AVG - M1:AVG"}),
    "linked ears beside an ear": ("EEG C4-LE, EEG A1-LE", {C4: "EEG C4-LE - EEG A1-LE"}),
    "a name nobody foresaw": ("C4-Wurzel, A1-Wurzel", {C4: "C4-Wurzel - A1-Wurzel"}),
    "plain electrode, mastoid with reference": ("C4, A1-Ref", {C4: "C4 - A1-Ref"}),
    "two references": ("C4-G2, A1-Ref", {C4: "C4-G2"}),
    "a mastoid in the label wins": ("C4-M1, C4-Ref, M1-Ref", {C4: "C4-M1"}),
    "against the other mastoid": ("C4-M2, M1-M2", {C4: "C4-M2 - M1-M2"}),
    "a proper backup before an unknown reference": ("C4-Ref, C3-A2", {C4: "C3-A2"}),
    "chain": (
        "Fp2-F4, F4-C4, C4-P4, P4-O2, C4-A1, ROC-LOC",
        {F4: "", C4: "C4-A1", O2: "", E1: "", E2: ""},
    ),
    "joined chain": ("F4C4, O2P4, EOG1-EOG2", {F4: "", O2: "", E1: "", E2: ""}),
    "eyes against each other": ("EOG L-R, E2:E1, C4-A1", {E1: "", E2: ""}),
    "whole recording against Cz": ("F4-Cz, C4-Cz, O2-Cz", {F4: "F4-Cz", O2: "O2-Cz"}),
    "accepted by AASM": (
        "Fz-Cz, Cz-Oz, C4-M1, E1-Fpz, E2-Fpz",
        {F4: "Fz-Cz", C4: "C4-M1", O2: "Cz-Oz", E1: "E1-Fpz", E2: "E2-Fpz"},
    ),
    "accepted by AASM, computed": (
        "Fz-Ref, Cz-Ref, Oz-Ref, E1-Ref, Fpz-Ref",
        {F4: "Fz-Ref - Cz-Ref", O2: "Cz-Ref - Oz-Ref", E1: "E1-Ref - Fpz-Ref"},
    ),
    "eyes in German": ("Auge links, Auge rechts-A1", {E1: "Auge links", E2: "Auge rechts-A1"}),
    "eyes in French": ("EOG gauche, Œil droit", {E1: "EOG gauche", E2: "Œil droit"}),
    "eyes in Spanish": ("EOG izq, ojo derecho", {E1: "EOG izq", E2: "ojo derecho"}),
    "eyes in Italian": ("EOG SX, occhio destro", {E1: "EOG SX", E2: "occhio destro"}),
    "eyes in Portuguese": ("Olho esquerdo, EOG dir", {E1: "Olho esquerdo", E2: "EOG dir"}),
    "eyes in Dutch": ("linkeroog, EOG rechts", {E1: "linkeroog", E2: "EOG rechts"}),
    "eyes of sleep corpora": ("EOG(L), R-EOG", {E1: "EOG(L)", E2: "R-EOG"}),
    "eyes with the kind inside": (
        "LEOG-A2, R-EOG-A1",
        {E1: "LEOG-A2", E2: "R-EOG-A1"},
    ),
    "two names of an eye": ("E1 (LOC), EOG E2 (ROC)-M1", {E1: "E1 (LOC)", E2: "EOG E2 (ROC)-M1"}),
    "blanks and points": ("C4 M1, F4 (A1), O2.M1", {C4: "C4 M1", F4: "F4 (A1)", O2: "O2.M1"}),
    "linked by a formula": ("C4-(A1+A2)/2", {C4: "C4-(A1+A2)/2"}),
    "a mastoid against the electrode": ("M1-C4, F4-A1", {C4: ""}),
    "eyes up and down": ("EOG horizontal, VEOG, EOG Upper Vertic", {E1: "", E2: ""}),
    "EEG of unknown place": (
        "EEG, EEG(sec), EEG1, EEG Fpz-Cz, EEG Pz-Oz",
        {F4: "", C4: "", O2: ""},
    ),
    "chin by number": ("EMG1, EMG2", {CHIN: "EMG1 - EMG2"}),
    "chin by number with blanks": ("EMG 1, EMG 2, EMG 3, LEG/L", {CHIN: "EMG 1 - EMG 2"}),
    "chin by number in one label": ("EMG1-EMG2", {CHIN: "EMG1-EMG2"}),
    "kind written twice": (
        "EOG EOG1, EOG EOG2, EMG EMG1, EMG EMG2",
        {E1: "EOG EOG1", E2: "EOG EOG2", CHIN: "EMG EMG1 - EMG EMG2"},
    ),
    "too many numbers": ("EMG1, EMG2, EMG3, EMG4", {CHIN: ""}),
    "chin before numbers": ("EMG1, EMG2, EMG Chin", {CHIN: "EMG Chin"}),
    "chin with a reference": (
        "EMG Chin1-Ref, EMG Chin2-Ref",
        {CHIN: "EMG Chin1-Ref - EMG Chin2-Ref"},
    ),
    "chin with sides first": ("LChin, RChin, CChin", {CHIN: "LChin - RChin"}),
    "chin before the kind": ("Chin EMG1, Chin EMG2", {CHIN: "Chin EMG1 - Chin EMG2"}),
    "chin behind its number": ("EMG1 chin, EMG2 chin", {CHIN: "EMG1 chin - EMG2 chin"}),
    "chin electrodes by name": ("Submental1, Submental2", {CHIN: "Submental1 - Submental2"}),
    "numbers with a reference": ("EMG1-Ref, EMG2-Ref", {CHIN: "EMG1-Ref - EMG2-Ref"}),
    "chin numbers in one label": ("EMG Chin 1-2", {CHIN: "EMG Chin 1-2"}),
    "submentalis": ("EMG Submentalis", {CHIN: "EMG Submentalis"}),
    "sub-mental": ("EMG sub-mental", {CHIN: "EMG sub-mental"}),
    "chin in German": (
        "EMG Kinn links, EMG Kinn rechts, EMG Bein",
        {CHIN: "EMG Kinn links - EMG Kinn rechts"},
    ),
    "chin in French": ("EMG mentonnier", {CHIN: "EMG mentonnier"}),
    "chin in Spanish": ("EMG mentón", {CHIN: "EMG mentón"}),
    "chin in Italian": ("Mento", {CHIN: "Mento"}),
    "chin in Portuguese": ("EMG queixo", {CHIN: "EMG queixo"}),
    "chin in Dutch": ("EMG kin", {CHIN: "EMG kin"}),
    "EMG with a reference": ("EMG-REF", {CHIN: "EMG-REF"}),
    "EEG before the chin": ("EEG Chin1-Chin2", {CHIN: "EEG Chin1-Chin2"}),
    "an eye that names the chin": ("EOG Chin E1", {CHIN: "", E1: "EOG Chin E1"}),
    "a mastoid of another kind": ("EEG C4, EMG M1, EOG A1", {C4: "EEG C4"}),
    "electrodes of another kind": (
        "M1, EMG F4, EOG C4, EMG Fz, Cz, EMG E1",
        {F4: "", C4: "", E1: ""},
    ),
    "inputs of an amplifier": ("EMG+, EMG-", {CHIN: "EMG+ - EMG-"}),
    "inputs with a number": ("EMG1+, EMG1-, EMG2+, EMG2-", {CHIN: "EMG1+ - EMG1-"}),
    "inputs at the chin": ("Chin-, Chin+, EMG-", {CHIN: "Chin+ - Chin-"}),
    "inputs with a reference": ("EMG (+)-G2, EMG (-)-G2", {CHIN: "EMG (+)-G2 - EMG (-)-G2"}),
    "inputs beside a mastoid": ("C4+, C4-, M1", {C4: "C4+ - M1"}),
    "inputs without a mastoid": (
        "C4-, C4+, EOG1-, EOG1+",
        {C4: "C4+ - C4-", E1: "EOG1+ - EOG1-"},
    ),
    "inputs of legs": ("EMG LEG+, EMG LEG-", {CHIN: ""}),
    "other dashes": ("EEG C4–M1, F4−A1, O2‐M1", {F4: "F4−A1", C4: "EEG C4–M1", O2: "O2‐M1"}),
    "channels with a number": (
        "01 C4-A1, EEG2: F4-M1, EEG3 O2-A1, 4: E1-M2, EMG1: Chin1-Chin2",
        {F4: "EEG2: F4-M1", C4: "01 C4-A1", O2: "EEG3 O2-A1", E1: "4: E1-M2"},
    ),
    "copies with a number": ("C4-M1 (1), F4-M1_1, O2-A1-0", {F4: "F4-M1_1", O2: "O2-A1-0"}),
    "unit and kind of signal in the label": (
        "EEG C4-A1 uV, F4-M1 raw, O2-M1 [µV]",
        {F4: "F4-M1 raw", C4: "EEG C4-A1 uV", O2: "O2-M1 [µV]"},
    ),
    "mastoids by other names": (
        "C4-Ref, LM-Ref, E1-Ref, RM-Ref",
        {C4: "C4-Ref - LM-Ref", E1: "E1-Ref - RM-Ref"},
    ),
    "mastoids in words": (
        "C4, Left Mastoid, E1, Mast. R",
        {C4: "C4 - Left Mastoid", E1: "E1 - Mast. R"},
    ),
    "mastoids of the 10-10 system": ("C4, E2, TP9, TP10", {C4: "C4 - TP9", E2: "E2 - TP10"}),
    "mastoids in the label": ("C4-LM, E1-RM", {C4: "C4-LM", E1: "E1-RM"}),
    "eyes by other names": ("OG-A2, OD-A2", {E1: "OG-A2", E2: "OD-A2"}),
    "eyes of LOG and ROG": ("LOG, ROG-A2", {E1: "LOG", E2: "ROG-A2"}),
    "eyes or throat": ("PG1-A2, PG2-A1", {E1: "", E2: ""}),
    "a zero for an O": ("EEG 02-A1, C4, F4-A1", {C4: "C4", O2: ""}),
    "eyes joined": ("EyeL, EyeR-A1", {E1: "EyeL", E2: "EyeR-A1"}),
    "eyes to the side": ("HEOG-L, HEOG-R, VEOG-U", {E1: "HEOG-L", E2: "HEOG-R"}),
    "eyes in short Italian": ("EOG dx, EOG sn", {E1: "EOG sn", E2: "EOG dx"}),
    "eyes in short Portuguese": ("EOG E, EOG D", {E1: "EOG E", E2: "EOG D"}),
    "electrodes of a net": ("E1, E2, E5, E31, C4-M1", {E1: "", E2: "", C4: "C4-M1"}),
    "eyes beside a channel like a net": ("E1-M2, E2-M2, E5", {E1: "E1-M2", E2: "E2-M2"}),
    "muscles joined": ("EMG1EMG2", {CHIN: "EMG1EMG2"}),
    "chin joined": ("CHIN1CHIN2", {CHIN: "CHIN1CHIN2"}),
    "chin in Italian, below": ("EMG sottomento", {CHIN: "EMG sottomento"}),
    "chin in French, below": ("EMG sous-mentonnier", {CHIN: "EMG sous-mentonnier"}),
    "chin in Dutch, below": ("EMG onderkin", {CHIN: "EMG onderkin"}),
    "chin in German, below": ("EMG Mundboden", {CHIN: "EMG Mundboden"}),
    "chin in German, jaw": ("EMG Unterkiefer", {CHIN: "EMG Unterkiefer"}),
    "chin in short": ("EMG SM", {CHIN: "EMG SM"}),
    "legs and arms": ("EMG LAT, EMG TIB1, RAT, EMG Leg/L, EMG Arm, PLM1, EMG tibialis", {CHIN: ""}),
}


@pytest.mark.parametrize("name", MEANINGS)
def test_labels_mean(name: str):
    text, expected = MEANINGS[name]
    sources = find_derivations(text.split(", ")).sources
    for derivation, label in expected.items():
        assert (sources[derivation].label if derivation in sources else "") == label


@pytest.mark.parametrize("label", ["C4-M1 (1)", "C4-M1_1", "C4-A1-0", "C4-M1 (2)", "C4-A1 uV"])
def test_the_number_of_a_copy_is_no_part_of_the_reference(label: str):
    assert find_derivations([label]).sources[C4].reference in ("M1", "A1")
    assert find_derivations([label]).notes == ()


def test_a_mastoid_of_the_10_10_system_is_told():
    assert "referenced to TP9" in find_derivations(["C4", "TP9"]).notes[0]


def test_a_standing_in_derivation_is_told_for_what_it_is():
    match = find_derivations(["Fz-Cz", "C4-M1"])
    assert match.sources[F4].is_alternative
    assert match.notes == ("F4-M1 is missing; Fz-Cz stands in for it, which AASM accepts.",)


def test_numbered_emg_is_marked_as_assumed():
    assert find_derivations(["EMG1", "EMG2"]).sources[CHIN].is_assumed
    assert not find_derivations(["Chin1", "Chin2"]).sources[CHIN].is_assumed


def test_labels_that_may_be_a_missing_derivation_are_listed():
    labels = ["EEG(sec)", "EEG A1", "EOG horizontal", "EMG4", "EMG LAT", "33", "SaO2"]
    assert candidates(C4, labels) == ["EEG(sec)"]
    assert candidates(E1, labels) == ["EOG horizontal"]
    assert candidates(E1, ["PG1-A2", "C4"]) == ["PG1-A2"]
    assert candidates(CHIN, labels) == ["EMG4", "33"]


# Whatever the labels are

PARTS = [
    *("C4", "C3", "F4", "O2", "Fz", "Cz", "Oz", "E1", "E2", "LOC", "ROC", "M1", "A1", "A2", "P4"),
    *(
        "Ref",
        "LE",
        "G2",
        "EEG",
        "EOG",
        "EMG",
        "Chin",
        "Chin1",
        "EMG1",
        "EMG2",
        "LEG",
        "1",
        "L",
        "R",
    ),
]
MADE_UP = st.builds(
    lambda parts, joint: joint.join(parts),
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=3),
    st.sampled_from(["-", ":", " ", "", "/", "_"]),
)
SCALP_OR_EYE = {"C4", "C3", "F4", "O2", "FZ", "OZ", "P4", "E1", "E2", "LOC", "ROC"}


@given(st.lists(st.one_of(MADE_UP, st.text(max_size=16)), max_size=12))
@settings(max_examples=150, deadline=None)
def test_no_channel_is_two_derivations_and_no_neighbour_a_mastoid(labels: list[str]):
    sources = find_derivations(labels).sources.values()
    used = [source.positive for source in sources]
    assert len(used) == len(set(used))
    for source in sources:
        assert source.negative != source.positive
        assert labels[source.positive].strip()
        if source.derivation is not CHIN and not source.is_alternative:
            assert source.reference not in SCALP_OR_EYE
    for derivation in DERIVATIONS:
        assert set(candidates(derivation, labels)) <= {label.strip() for label in labels}
