"""Patterns of file names: read, guessed, and never a person's name as a subject."""

import pytest

from psg.namepatterns import (
    Named,
    NamePattern,
    NamePatternError,
    NightName,
    StageMatch,
    guess_pattern,
    match_stage_file,
    read_name,
)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("{subject}_N{night}_*.edf", "a/S01_N2_psg.EDF", Named("S01", 2)),
        ("{subject}_N{night}_*", "S01_N2_psg.edf.gz", Named("S01", 2)),
        ("{subject}/night{night}", "study\\S01\\night1.edf", Named("S01", 1)),
        ("{subject}/*.edf", "S 01(b)/x.edf", Named("S-01-b", None)),
        ("{subject}.edf", "S01.bdf", None),
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
    assert match_stage_file(path, NIGHTS) == expected


def test_the_night_of_a_stage_file_by_a_pattern():
    pattern = NamePattern("{recording}-{scorer}")
    assert match_stage_file("S01_N1-anna.txt", NIGHTS, pattern) == StageMatch(0, "anna")
    by_number = NamePattern("{scorer}/{subject}_{night}")
    assert match_stage_file("bob/S01_2.txt", NIGHTS, by_number) == StageMatch(1, "bob")
    assert match_stage_file("bob/SN1_1.txt", NIGHTS, by_number) == StageMatch(2, "bob")
    assert match_stage_file("bob/S09_1.txt", NIGHTS, by_number) is None


@pytest.mark.parametrize(
    "path", ["S01_N2_expert.txt", "S01-night2.txt", "a/S01_nacht 3.csv", "S01_ses-02_A.edf"]
)
@pytest.mark.parametrize("night", [None, 1])
def test_a_night_that_no_recording_has_is_not_matched(path, night):
    nights = [NightName("a/S01.edf" if night is None else "a/S01_N1.edf", "S01", night)]
    assert match_stage_file(path, nights) is None
    assert match_stage_file(path, [*nights, NightName("S02.edf", "S02")]) is None


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
    assert match_stage_file(path, [NightName("S01.edf", "S01")]) == StageMatch(0, scorer)
