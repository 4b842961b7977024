"""Second looks beside first ones."""

import numpy as np
import pytest

from psg.ratings import Draws, repeats
from tests.helpers.made_up_ratings import block

DRAWS = Draws(replicates=100, seed=1)
NONE = np.nan


def test_second_looks_are_compared_with_the_first_of_the_same_rater():
    found = repeats(
        block([[[4, 4], [1, NONE]], [[2, 3], [5, 3]], [[NONE, 5], [3, NONE]]]), 0, DRAWS
    )
    assert found.pairs == 3
    assert found.measures["identical"].value == pytest.approx(1 / 3)
    assert found.measures["within_one"].value == pytest.approx(2 / 3)
    assert found.measures["shift"].value == pytest.approx((0 + 1 - 2) / 3)
    assert found.by_rater == ((2, 1, 2), (1, 0, 0))
    assert found.measures["within_one"].subjects == 2


def test_without_repeats_there_is_nothing_to_say():
    found = repeats(block([[4, 4], [2, 3]]), 0, DRAWS)
    assert found.pairs == 0
    assert found.by_rater == ((0, 0, 0), (0, 0, 0))
    assert np.isnan([one.value for one in found.measures.values()]).all()
