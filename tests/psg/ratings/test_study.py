"""A simulated study, whose severity and effects are known, comes back within its intervals."""

from dataclasses import replace

import numpy as np
import pytest

from psg.ratings import Draws, compare_arms, severity, study_statistics
from tests.helpers.made_up_ratings import block, study

SEVERITY = [-0.4, -0.1, 0.2, 0.3]
ARMS = [-0.3, 0.0, 0.35]
NAMES = ("worse", "middle", "better")
STUDIES = 40


@pytest.fixture(scope="module")
def held() -> dict[str, list[bool]]:
    """Whether each interval of 40 studies of 30 recordings holds its truth."""
    found: dict[str, list[bool]] = {"severity": [], "arms": []}
    for seed in range(STUDIES):
        rng = np.random.default_rng([2, seed])
        items, arm = study(rng, recordings=30, severity=SEVERITY, arms=ARMS)
        draws = Draws(replicates=400, seed=seed)
        for truth, one in zip(SEVERITY, severity(items, 0, draws), strict=True):
            found["severity"].append(one.low <= truth <= one.high)
        masks = {name: arm == place for place, name in enumerate(NAMES)}
        for one in compare_arms(items, masks, draws):
            truth = ARMS[NAMES.index(one.first)] - ARMS[NAMES.index(one.second)]
            found["arms"].append(one.difference.low <= truth <= one.difference.high)
    return found


@pytest.mark.parametrize("what", ["severity", "arms"])
def test_intervals_hold_the_truth_about_as_often_as_they_say(held, what):
    """Of 160 or 120 intervals that should hold it in 95 %, chance alone leaves 89 to 99 %."""
    assert 0.89 <= np.mean(held[what]) <= 0.995


def test_equal_arms_are_told_apart_no_more_often_than_the_test_says():
    p = []
    for seed in range(60):
        rng = np.random.default_rng([5, seed])
        items, arm = study(rng, recordings=20, severity=SEVERITY, arms=[0.0, 0.0])
        (found,) = compare_arms(
            items, {"a": arm == 0, "b": arm == 1}, Draws(replicates=20, seed=seed)
        )
        p.append(found.p)
    assert np.mean(np.array(p) < 0.05) < 0.13
    assert 0.3 < np.median(p) < 0.7


def test_the_whole_study_is_answered_at_once():
    rng = np.random.default_rng(7)
    items, arm = study(rng, recordings=10, severity=SEVERITY, arms=ARMS)
    masks = {name: arm == place for place, name in enumerate(NAMES)}
    found = study_statistics(items, {"arm": masks}, masks, Draws(replicates=50, seed=1))
    assert found.overall.items == sum(one.items for one in found.groups["arm"].values())
    assert list(found.agreement_of_arms) == list(NAMES)
    assert len(found.differences) == 3
    assert len(found.severity[0]) == len(SEVERITY)


def test_what_two_nights_of_a_subject_say_counts_as_that_of_one_night():
    rng = np.random.default_rng(8)
    items, arm = study(rng, recordings=12, severity=SEVERITY, arms=[0.0, 0.3])
    masks, halved = {"a": arm == 0, "b": arm == 1}, items.recordings // 2
    drawn, apart, merged = (
        study_statistics(one, {"arm": masks}, masks, Draws(replicates=50, seed=1))
        for one in (
            replace(items, subjects=halved),
            items,
            replace(items, recordings=halved, subjects=halved),
        )
    )
    assert (drawn.overall.recordings, drawn.overall.dimensions[0].mean.subjects) == (12, 6)
    assert drawn.overall.dimensions == merged.overall.dimensions != apart.overall.dimensions
    for part in ("agreement", "severity", "differences"):
        assert getattr(drawn, part) == getattr(merged, part) != getattr(apart, part), part


def test_a_study_that_nobody_has_rated_is_answered_too():
    nothing = block(np.full((3, 2), np.nan))
    found = study_statistics(nothing, {"stage": {"N2": np.ones(3, bool)}}, {}, Draws(replicates=20))
    assert found.overall.ratings == 0
    assert found.differences == ()
    assert found.spread == ()
