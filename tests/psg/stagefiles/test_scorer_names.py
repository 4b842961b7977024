"""The scorings of a file have the same names by every way in."""

import pytest

from psg.stagefiles.scorers import scorer_names


@pytest.mark.parametrize(
    ("of_file", "given", "names"),
    [
        ([""], "", ["Imported"]),
        (["A"], "", ["A"]),
        (["A"], "Anna", ["Anna"]),
        (["A", "B"], "Lab", ["Lab A", "Lab B"]),
        (["A", ""], "", ["A", "Imported"]),
        (["A", ""], "Lab", ["Lab A", "Lab"]),
        (["", ""], "", ["Imported", "Imported 2"]),
        (["A", "A"], "", ["A", "A 2"]),
    ],
)
def test_names_come_from_a_person_or_else_from_the_file(of_file, given, names):
    assert scorer_names(of_file, given) == names


def test_names_of_other_files_of_the_night_get_a_number():
    assert scorer_names([""], taken={"Imported", "Imported 2"}) == ["Imported 3"]
