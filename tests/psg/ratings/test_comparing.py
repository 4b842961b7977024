"""Arms against one another."""

import numpy as np
import pytest
from scipy import stats

from psg.ratings import Draws, compare_arms
from tests.helpers.made_up_ratings import block, study

DRAWS = Draws(replicates=200, seed=1)
NONE = np.nan


def arms_of(places, *names):
    return {name: np.asarray(places) == place for place, name in enumerate(names)}


def test_with_everything_rated_the_difference_is_that_of_means_over_epochs():
    rng = np.random.default_rng(1)
    items, arm = study(
        rng, recordings=9, severity=[-0.3, 0, 0.3], arms=[0.0, 0.3], raters_per_item=3
    )
    (found,) = compare_arms(items, arms_of(arm, "a", "b"), DRAWS)
    means = items.first_looks[..., 0].mean(axis=1)
    assert (found.first, found.second, found.unit, found.pairs) == ("a", "b", "epoch", 18)
    assert found.difference.value == pytest.approx((means[arm == 0] - means[arm == 1]).mean())


def test_who_rated_which_arm_does_not_make_a_difference():
    """Arms are equal; the mild rater met mostly one, the harsh rater mostly the other."""
    quality, offset = np.array([2.0, 3.0, 4.0, 3.0] * 2), np.array([-1.0, 0.0, 1.0])
    scores = quality[:, None] + offset
    arm = np.repeat([0, 1], 4)
    scores[:4, 0] = NONE
    scores[4:, 2] = NONE
    items = block(scores, recordings=[0, 1, 2, 3] * 2, epochs=[0, 1, 2, 3] * 2)
    (found,) = compare_arms(items, arms_of(arm, "mild", "harsh"), DRAWS)
    assert found.difference.value == pytest.approx(0, abs=1e-12)
    assert np.nanmean(scores[:4]) - np.nanmean(scores[4:]) == pytest.approx(1)


def test_arms_of_different_epochs_are_paired_on_the_recording():
    items = block(
        [[5.0, 5.0], [3.0, 3.0], [4.0, 4.0], [3.0, 3.0], [1.0, 1.0]],
        recordings=[0, 0, 1, 1, 2],
    )
    (found,) = compare_arms(items, arms_of([0, 1, 0, 1, 1], "a", "b"), DRAWS)
    assert (found.unit, found.pairs) == ("recording", 2)
    assert found.difference.value == pytest.approx(1.5)
    assert found.difference.subjects == 2


def test_few_recordings_have_the_p_value_of_all_sign_flips():
    differences = np.array([2, 1, 1, -1, 2, 1, 0])
    scores = np.concatenate([3 + differences, np.full(7, 3)])[:, None].astype(float)
    items = block(scores, recordings=np.tile(np.arange(7), 2), epochs=np.tile(np.arange(7), 2))
    (found,) = compare_arms(items, arms_of(np.repeat([0, 1], 7), "a", "b"), DRAWS)
    expected = stats.permutation_test(
        (3 + differences, np.full(7, 3)),
        lambda x, y: (x - y).sum(),
        permutation_type="samples",
        n_resamples=np.inf,
    )
    assert found.p == pytest.approx(expected.pvalue)


def test_every_pair_of_arms_is_adjusted_for_all_of_them():
    rng = np.random.default_rng(4)
    items, arm = study(rng, recordings=20, severity=[0, 0, 0], arms=[-0.3, 0.0, 0.3])
    found = compare_arms(items, arms_of(arm, "a", "b", "c"), DRAWS)
    assert [(one.first, one.second) for one in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert all(one.p_holm >= one.p for one in found)
    assert min(one.p_holm for one in found) == pytest.approx(3 * min(one.p for one in found))


def test_arms_without_a_common_recording_have_no_difference():
    items = block([[5.0], [3.0]])
    (found,) = compare_arms(items, arms_of([0, 1], "a", "b"), DRAWS)
    assert found.pairs == 0
    assert np.isnan([found.difference.value, found.p, found.p_holm]).all()


def test_one_arm_is_compared_with_nothing():
    assert compare_arms(block([[5.0]]), arms_of([0], "a"), DRAWS) == []
