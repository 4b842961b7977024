"""Counts, means and medians of a group."""

import numpy as np
import pytest

from psg.ratings import Draws, group_scores
from tests.helpers.made_up_ratings import block

DRAWS = Draws(replicates=200, seed=1)
NONE = np.nan


def test_counts_mean_and_median_are_those_of_first_looks():
    items = block([[[5, 1], [4, NONE]], [[2, NONE], [NONE, NONE]], [[5, 5], [3, NONE]]])
    (found,) = group_scores(items, DRAWS).dimensions
    assert found.counts == (0, 1, 1, 1, 2)
    assert found.n == 5
    assert found.mean.value == pytest.approx(19 / 5)
    assert found.median == 4
    assert found.mean.low < found.mean.value < found.mean.high


def test_who_could_not_judge_is_counted_and_gives_no_score():
    cannot_judge = np.array([[[False], [True]], [[True], [True]]])
    items = block([[5, NONE], [NONE, NONE]], cannot_judge=cannot_judge)
    found = group_scores(items, DRAWS)
    assert (found.items, found.ratings, found.cannot_judge) == (2, 4, 3)
    assert found.dimensions[0].n == 1


def test_items_that_nobody_looked_at_are_not_counted():
    found = group_scores(block([[5, 4], [NONE, NONE]]), DRAWS)
    assert (found.items, found.recordings, found.ratings) == (1, 1, 2)


def test_one_recording_has_a_mean_and_no_interval():
    found = group_scores(block([[5, 4], [3, 3]], recordings=[7, 7]), DRAWS).dimensions[0].mean
    assert found.value == pytest.approx(3.75)
    assert np.isnan(found.low)
    assert found.subjects == 1


def test_nothing_rated_has_no_mean_and_no_median():
    (found,) = group_scores(block([[NONE, NONE]]), DRAWS).dimensions
    assert np.isnan([found.mean.value, found.median]).all()
    assert found.counts == (0, 0, 0, 0, 0)
