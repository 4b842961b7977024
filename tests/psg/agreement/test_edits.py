"""Distance of texts in words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psg.agreement.rationales import word_edits

WORDS = st.lists(st.sampled_from(["alpha", "theta", "spindle", "at", "3.2"]), max_size=12)


def plain_distance(a: list[str], b: list[str]) -> int:
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        above, row = row, [i] + [0] * len(b)
        for j, other in enumerate(b, 1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (one != other))
    return row[-1]


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS)
def test_distance_is_that_of_the_plain_table(a, b):
    longer = max(len(a), len(b), 1)
    assert word_edits(" ".join(a), " ".join(b)) == pytest.approx(plain_distance(a, b) / longer)


def test_layout_and_case_are_no_edits():
    assert word_edits("Spindle at\n 12 s.", "spindle at 12 s.") == 0


def test_something_from_nothing_is_all_new():
    assert word_edits("", "three new words") == 1.0
    assert word_edits("", "") == 0.0
