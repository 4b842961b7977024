"""Drift is told with its interval, and not at all where too little was rated."""

import pytest

from annotations.rating.drift import Drift, difference, mean_of
from studies.models import User


def drift(first: list[float], last: list[float]) -> Drift:
    return Drift(
        rater=User(username="rater"),
        stretches=[mean_of(first), mean_of([]), mean_of(last)],
        change=difference(last, first),
        repeats=mean_of([]),
        gold=mean_of([]),
    )


def test_intervals_of_a_mean_and_of_a_difference_are_those_of_student_and_welch():
    # Ten extra hours of sleep of Student's (1908) first drug, and of his second.
    one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    mean = mean_of(one)
    assert mean.n == 10
    assert (mean.low, mean.high) == pytest.approx((-0.5297804, 2.0297804))
    change = difference(one, two)
    assert (change.low, change.high) == pytest.approx((-3.3654832, 0.2054832))


def test_one_value_has_no_interval_and_none_has_no_mean():
    assert (mean_of([0.5]).mean, mean_of([0.5]).low) == (0.5, None)
    assert (mean_of([]).n, mean_of([]).mean) == (0, None)
    assert difference([1.0], []).mean is None


def test_a_rater_who_turns_harsh_drifts():
    found = drift(
        [0.3, 0.0, 0.3, 0.3, 0.0, 0.3, 0.0, 0.3], [-0.7, -1, -0.7, -0.7, -1, -1, -0.7, -1]
    )
    assert found.is_drifting
    assert found.words == "stricter by 1.04 than at the start"


def test_a_steady_rater_is_told_how_large_a_drift_could_hide():
    found = drift([0.3, 0.0, -0.3, 0.3] * 2, [0.0, 0.3, 0.3, -0.3] * 2)
    assert not found.is_drifting
    assert found.words == "no drift detected; up to 0.29 points cannot be excluded"


def test_of_few_items_nothing_is_said_however_far_they_lie_apart():
    found = drift([2.0, 2.0, 1.9], [-2.0, -2.0, -1.9])
    assert not found.is_drifting
    assert found.words.startswith("not assessed")
