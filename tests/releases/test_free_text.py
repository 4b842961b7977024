"""What the search of free text finds, and what sleep scorers write all day and it must not find."""

import pytest

from annotations.releases.free_text import Scanner
from annotations.releases.free_text_names import KnownNames
from benchmarks.free_text import measure

KNOWN = KnownNames.of(
    names=["Ilse Brandt", "Mark Lead"],
    accounts=["ibrandt", "lead", "tom.oyelaran"],
    codes=["01-03-0001", "S1"],
)


def found(text: str) -> list[tuple[str, str]]:
    return [(text[hit.start : hit.stop], hit.kind.value) for hit in Scanner(KNOWN).hits(text)]


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("I asked Brandt about it.", "Brandt", "name"),
        ("BRANDT disagrees.", "BRANDT", "name"),
        ("See ibrandt, epoch 4", "ibrandt", "name"),
        ("Says tom.oyelaran.", "tom.oyelaran", "name"),
        ("dr. Weissenberg says N2", "Weissenberg", "name"),
        ("Patient named Okafor moves", "Okafor", "name"),
        ("K. Lundgren would say N1", "Lundgren", "name"),
        ("Jean-Pierre turns over", "Jean-Pierre", "name"),
        ("On 3.4.2019 again", "3.4.2019", "date"),
        ("On 2019-04-03 again", "2019-04-03", "date"),
        ("On 04/28/2019 again", "04/28/2019", "date"),
        ("On 3 April 2019 again", "3 April 2019", "date"),
        ("On Apr 3rd, 2019 again", "Apr 3rd, 2019", "date"),
        ("am 3. März", "3. März", "date"),
        ("le 3 avril 2019", "3 avril 2019", "date"),
        ("born in 1956", "1956", "date"),
        ("MRN 00482913", "00482913", "number"),
        ("patient no. 4482", "4482", "number"),
        ("write to a.b@c.example", "a.b@c.example", "number"),
        ("call 06 12 34 56 78", "06 12 34 56 78", "number"),
        ("see 20190312044", "20190312044", "number"),
        ("file Muller_J.edf", "Muller_J.edf", "number"),
        ("as in 01-03-0001", "01-03-0001", "number"),
    ],
)
def test_names_dates_and_numbers_are_found(text, words, kind):
    assert found(text) == [(words, kind)]


@pytest.mark.parametrize(
    "text",
    [
        "Stage R. The chin is low; stage W. Alpha in 12.5 Hz, 37.5 µV, 12.3-13.1 s.",
        "At 03:12 and 22:47:30, epochs 310-312, 305/306, rule R.2 after N2.1; F4-M1, S1.",
        "In 2000 samples nothing; since 1956 ms; 123456.78 and 0.1234567 uV; 5-10-15.",
        "Mark the lead of the chin. May be N1. Patient Moves, patient REM, asked REM.",
        "K complex. K. Complex? By 10 of 12 in this case 100 uV; case 3; subject 12 s.",
        "Low-amplitude mixed frequencies; see 3/4 of 30 s. Theta, Delta, Sigma, AASM 2.6.",
    ],
)
def test_ordinary_words_of_sleep_are_left_alone(text):
    assert found(text) == []


def test_the_measured_list_stays_as_well_found_as_the_guide_says():
    measured = measure()
    assert measured["precision"] >= 0.97
    assert measured["recall"] >= 0.9
