"""Numbers of the population: each item counts by the inverse of its inclusion probability."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psg.ratings import Draws, compare_arms, group_scores
from tests.helpers.made_up_ratings import block, study

DRAWS = Draws(replicates=50, seed=1)
SEVERITY = [-0.4, -0.1, 0.2, 0.3]


def scores_of(rng, count):
    made = rng.integers(1, 6, (count, 3)).astype(float)
    made[rng.random(made.shape) < 0.3] = np.nan
    return made


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 20))
def test_an_item_of_weight_k_counts_as_k_items_of_weight_one(seed, count):
    rng = np.random.default_rng(seed)
    scores, weights = scores_of(rng, count), rng.integers(1, 5, count)
    night = rng.integers(0, 4, count)
    weighted = replace(block(scores, recordings=night), weights=weights.astype(float))
    copied = block(np.repeat(scores, weights, axis=0), recordings=np.repeat(night, weights))
    copied = replace(copied, weights=np.ones(weights.sum()))
    (found,) = group_scores(weighted, DRAWS).dimensions
    (expected,) = group_scores(copied, DRAWS).dimensions
    for end in ("value", "low", "high"):
        assert getattr(found.population, end) == pytest.approx(
            getattr(expected.population, end), nan_ok=True
        )


NAN = np.nan
ARM = np.array([0, 0, 1, 1])


@pytest.mark.parametrize(
    ("scores", "weights", "expected"),
    [
        ([[1, 1, 1], [5, NAN, NAN]], [1, 1], 3.0),
        ([[2, 4, NAN], [5, 5, 5], [1, NAN, NAN]], [2, 1, 1], (2 * 3 + 5 + 1) / 4),
        ([[1, 1, 1], [NAN, NAN, NAN], [4, NAN, 5]], [3, 7, 1], (3 * 1 + 4.5) / 4),
    ],
)
def test_an_item_counts_once_in_its_population_however_many_raters_scored_it(
    scores, weights, expected
):
    items = replace(block(scores), weights=np.array(weights, dtype=float))
    (found,) = group_scores(items, DRAWS).dimensions
    assert found.population.value == pytest.approx(expected)
    assert found.mean.value == pytest.approx(np.nanmean(scores))


def test_an_item_counts_once_in_each_arm_and_severity_is_freed_by_what_counts():
    """Rater 3 scores 1 higher than the others, and what they scored alone counts as much."""
    quality = np.array([1.0, 3.0, 1.0, 4.0])
    scores = quality[:, None] + np.array([0.0, 0.0, 1.0])
    scores[1, :2] = scores[2, 2] = NAN
    items = replace(block(scores, epochs=np.arange(4)), weights=np.array([1.0, 3.0, 2.0, 2.0]))
    (pair,) = compare_arms(items, {"a": ARM == 0, "b": ARM == 1}, DRAWS)
    assert pair.population.value == pytest.approx((1 + 3 * 3) / 4 - (2 * 1 + 2 * 4) / 4)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), weight=st.floats(0.01, 100))
def test_equal_weights_give_the_plain_numbers(seed, weight):
    rng = np.random.default_rng(seed)
    items, arm = study(rng, recordings=5, severity=SEVERITY, arms=[0.0, 0.3], raters_per_item=4)
    items = replace(items, weights=np.full(len(arm), weight))
    (found,) = group_scores(items, DRAWS).dimensions
    assert found.population.value == pytest.approx(found.mean.value)
    assert found.population.low == pytest.approx(found.mean.low, abs=0.02)
    (pair,) = compare_arms(items, {"a": arm == 0, "b": arm == 1}, DRAWS)
    assert pair.population.value == pytest.approx(pair.difference.value)


@pytest.mark.parametrize("weights", [None, np.array([2.0, np.nan])])
def test_without_every_weight_there_is_no_number_of_the_population(weights):
    items = replace(block([[5, 4], [3, 3]]), weights=weights)
    (found,) = group_scores(items, DRAWS).dimensions
    assert np.isnan(found.population.value)
    assert found.mean.value == pytest.approx(3.75)


def test_the_weight_of_an_item_that_nobody_rated_is_not_needed():
    items = replace(block([[5, 4], [np.nan, np.nan]]), weights=np.array([2.0, np.nan]))
    assert group_scores(items, DRAWS).dimensions[0].population.value == pytest.approx(4.5)


def sampled(seed):
    """A study of two arms from a population of which 90 % are right, sampled half and half.

    The second arm is rated 0.2 higher on right epochs, and 0.6 higher on wrong ones; wrong epochs
    are rated 1 lower. Raters of known severity rate three of four.
    """
    rng = np.random.default_rng([9, seed])
    recordings, each = 30, 4
    place = np.tile(np.arange(recordings * each), 2)
    arm = np.repeat([0, 1], recordings * each)
    wrong = place % 2 == 1
    night = rng.uniform(-0.3, 0.3, recordings)[place // each]
    level = 3.4 + night - wrong + np.where(arm == 1, np.where(wrong, 0.6, 0.2), 0)
    wanted = level[:, None] + np.asarray(SEVERITY) + rng.uniform(-0.3, 0.3, (len(level), 4))
    scores = np.floor(wanted + rng.random(wanted.shape))
    out = np.argsort(rng.random(scores.shape), axis=1)[:, 3:]
    np.put_along_axis(scores, out, np.nan, axis=1)
    items = block(scores, recordings=place // each, epochs=place)
    return replace(items, weights=np.where(wrong, 10 / 5, 90 / 5)), arm, wrong


def test_effects_of_arms_and_of_correctness_come_back_in_both_weightings():
    """Of 40 intervals that should contain the truth in 95 %, chance leaves 34 to 40."""
    truths = {"drawn": -0.4, "population": -0.24, "mean": 3.1, "whole": 3.42, "right": 3.5}
    held = {name: [] for name in truths}
    for seed in range(40):
        items, arm, wrong = sampled(seed)
        draws = Draws(replicates=300, seed=seed)
        (pair,) = compare_arms(items, {"a": arm == 0, "b": arm == 1}, draws)
        (scores,) = group_scores(items, draws).dimensions
        (right,) = group_scores(items.where(~wrong), draws).dimensions
        found = {
            "drawn": pair.difference,
            "population": pair.population,
            "mean": scores.mean,
            "whole": scores.population,
            "right": right.population,
        }
        for name, truth in truths.items():
            held[name].append(found[name].low <= truth <= found[name].high)
    assert {name: sum(times) >= 34 for name, times in held.items()} == dict.fromkeys(truths, True)
