"""Items on which raters are furthest apart."""

import numpy as np
import pytest

from psg.ratings import RatedItems, widest_spread
from tests.helpers.made_up_ratings import block

NONE = np.nan


def test_the_widest_range_comes_first_and_ties_go_by_mean_distance():
    found = widest_spread(block([[4, 4, 4], [1, 5, 5], [1, 5, 3], [5, NONE, NONE], [2, 3, NONE]]))
    assert [one.item for one in found] == [1, 2, 4, 0]
    assert [one.widest for one in found] == [4, 4, 1, 0]
    assert found[0].apart == pytest.approx(8 / 3)


def test_the_widest_of_all_dimensions_counts():
    one = block([[4, 4], [2, 3]])
    two = block([[5, 1], [2, 2]])
    both = RatedItems(
        np.concatenate([one.scores, two.scores], axis=3),
        one.cannot_judge,
        one.recordings,
        one.subjects,
        one.epochs,
    )
    assert [spread.item for spread in widest_spread(both)] == [0, 1]
    assert widest_spread(both)[0].ranges == (0, 4)
