"""Patterns of file names: read, guessed, and never a person's name as a subject."""

import pytest

from psg.namepatterns import (
    Named,
    NamePattern,
    NamePatternError,
    guess_pattern,
    read_name,
)
from psg.stagenames import NightName, NightNames, StageMatch


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("{subject}_N{night}_*.edf", "a/S01_N2_psg.EDF", Named("S01", 2)),
        ("{subject}_N{night}_*", "S01_N2_psg.edf.gz", Named("S01", 2)),
        ("{subject}/night{night}", "study\\S01\\night1.edf", Named("S01", 1)),
        ("{subject}/*.edf", "S 01(b)/x.edf", Named("S-01-b", None)),
        ("{subject}.edf", "S01.bdf", None),
        ("{subject}{night}?0-PSG", "SC4012E0-PSG.edf", Named("SC401", 2)),
        ("{subject}{night}", "S0112.edf", Named("S011", 2)),
        ("?{subject}", "S01.edf", Named("01", None)),
        ("{subject}/*", "x.edf", None),
    ],
)
def test_what_a_pattern_reads(pattern, path, expected):
    assert read_name(NamePattern(pattern), path) == expected


@pytest.mark.parametrize(
    "pattern", ["{name}.edf", "{subject}_{subject}", "{subject", "a}b", "*" * 5, "x" * 300]
)
def test_patterns_that_cannot_be_used_are_refused(pattern):
    with pytest.raises(NamePatternError):
        NamePattern(pattern)


@pytest.mark.parametrize(
    ("paths", "pattern"),
    [
        (["S01_N1_psg.edf", "S01_N2_psg.edf", "S02_N1_psg.edf"], "{subject}_N{night}_*"),
        (["SN1.edf", "SN12.edf"], "{subject}"),
        (["sub-01_ses-1_eeg.edf", "sub-01_ses-2_eeg.edf"], "{subject}_ses-{night}_*"),
        (["S01_1.edf", "S01_2.edf", "S02_1.edf"], "{subject}_{night}"),
        (["S1_PSG.edf", "S22_PSG.edf"], "{subject}_PSG"),
        (["01-09-0042 PSG.edf"], "{subject} PSG"),
        (["SC4001E0-PSG.edf", "SC4002E0-PSG.edf", "ST7022J0-PSG.edf"], "{subject}{night}?0-PSG"),
        (["SC4001E0-PSG.edf", "S2-PSG.edf"], "{subject}-PSG"),
        (["a/S01/psg.edf", "a/S02/psg.edf"], "{subject}/*"),
        (["S1/night1.edf", "S1/night2.edf"], "{subject}/night{night}"),
        (["Mueller.edf", "Meier.edf"], ""),
        (["Mueller_1985.edf"], ""),
        (["S01_a.edf", "S01_a.edf"], ""),
        ([], ""),
    ],
)
def test_guesses(paths, pattern):
    assert guess_pattern(paths) == pattern


NIGHTS = [
    NightName("S01_N1.edf", "S01", 1),
    NightName("S01_N2.edf", "S01", 2),
    NightName("SN1.edf", "SN1"),
    NightName("SN12.edf", "SN12"),
    NightName("a/psg.edf", ""),
    NightName("b/psg.edf", ""),
]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("S01_N1_anna.txt", StageMatch(0, "anna")),
        ("S01_N2_hypnogram.csv", StageMatch(1)),
        ("s01-night2-bob.xml", StageMatch(1, "bob")),
        ("SN12_A.txt", StageMatch(3, "A")),
        ("SN1.txt", StageMatch(2)),
        ("b/psg.txt", StageMatch(5)),
        ("b/hypno_carl.txt", StageMatch(5, "carl")),
        ("S01.txt", None),  # of which night?
        ("S01_N3.txt", None),
        ("readme.txt", None),
    ],
)
def test_the_night_of_a_stage_file(path, expected):
    assert NightNames(NIGHTS).match(path) == expected


def test_the_night_of_a_stage_file_by_a_pattern():
    pattern = NamePattern("{recording}-{scorer}")
    assert NightNames(NIGHTS).match("S01_N1-anna.txt", pattern) == StageMatch(0, "anna")
    by_number = NamePattern("{scorer}/{subject}_{night}")
    assert NightNames(NIGHTS).match("bob/S01_2.txt", by_number) == StageMatch(1, "bob")
    assert NightNames(NIGHTS).match("bob/SN1_1.txt", by_number) == StageMatch(2, "bob")
    assert NightNames(NIGHTS).match("bob/S09_1.txt", by_number) is None


@pytest.mark.parametrize(
    "path", ["S01_N2_expert.txt", "S01-night2.txt", "a/S01_nacht 3.csv", "S01_ses-02_A.edf"]
)
@pytest.mark.parametrize("night", [None, 1])
def test_a_night_that_no_recording_has_is_not_matched(path, night):
    nights = [NightName("a/S01.edf" if night is None else "a/S01_N1.edf", "S01", night)]
    assert NightNames(nights).match(path) is None
    assert NightNames([*nights, NightName("S02.edf", "S02")]).match(path) is None


@pytest.mark.parametrize(
    ("path", "scorer"),
    [
        ("S01_N1_expert.txt", "expert"),
        ("S01_2.txt", "2"),
        ("S01_task-sleep_events.tsv", ""),
        ("S01 Schlafprofil.txt", ""),
        ("S01_sleepscoring_KB.csv", "KB"),
    ],
)
def test_the_scorer_is_what_is_no_other_word(path, scorer):
    assert NightNames([NightName("S01.edf", "S01")]).match(path) == StageMatch(0, scorer)


def names(*stems: str) -> NightNames:
    return NightNames([NightName(f"{stem}.edf", "") for stem in stems])


@pytest.mark.parametrize(
    ("recordings", "path", "expected"),
    [
        # Sleep-EDF: the letter of the scorer is in the place of the 0.
        (["SC4001E0-PSG", "SC4002E0-PSG"], "SC4002EC-Hypnogram.edf", StageMatch(1, "C")),
        (["ST7022J0-PSG"], "st/ST7022JM-Hypnogram.edf", StageMatch(0, "M")),
        (["SC4001E0"], "SC4001EH.edf", StageMatch(0, "H")),
        (["SC4001E0-PSG"], "SC4002EC-Hypnogram.edf", None),
        (["a/SC4001E0-PSG", "b/SC4001E0-PSG"], "SC4001EC-Hypnogram.edf", None),
        # WSC, BIDS, BOAS: a word at the end says what the file is.
        (["wsc-visit1-10119-nsrr"], "wsc-visit1-10119-allscore.txt", StageMatch(0)),
        (["sub-01_task-sleep_eeg"], "sub-01_task-sleep_events.tsv", StageMatch(0)),
        (["sub-1_acq-psg_eeg", "sub-1_acq-hb_eeg"], "sub-1_acq-hb_events.tsv", StageMatch(1)),
        (["sub-1_acq-psg_eeg"], "sub-1_acq-hb_events.tsv", None),
        # DREAMS: the name of the recording stands at the end.
        (["subject1", "subject11"], "HypnogramAASM_subject1.txt", StageMatch(0, "AASM")),
        (["subject1", "subject11"], "HypnogramR&K_subject11.txt", StageMatch(1, "R&K")),
        (["excerpt2"], "Hypnogram_excerpt2.txt", StageMatch(0)),
        (["N12"], "S01_N12.txt", None),
        (["12"], "S01_12.txt", None),
        (["psg"], "Anna_psg.txt", None),
        # CAP, HMC, MESA, MASS, ISRUC, UCDDB, PSG-IPA begin alike.
        (["n1", "n11"], "n11.txt", StageMatch(1)),
        (["SN001"], "SN001_sleepscoring.edf", StageMatch(0)),
        (["mesa-sleep-0001"], "mesa-sleep-0001-profusion.xml", StageMatch(0)),
        (["01-01-0001 PSG"], "01-01-0001 Base.edf", StageMatch(0)),
        (["1/1", "2/2"], "2/2_1.txt", StageMatch(1, "1")),
        (["ucddb002"], "ucddb002_stage.txt", StageMatch(0)),
    ],
)
def test_names_of_public_data_sets(recordings, path, expected):
    assert names(*recordings).match(path) == expected


def test_many_names_are_matched_at_once():
    many = names(*(f"S{number:04}_psg" for number in range(2000)))
    found = [many.match(f"S{number:04}_anna.txt") for number in range(2000)]
    assert found == [StageMatch(number, "anna") for number in range(2000)]
