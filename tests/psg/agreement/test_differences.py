"""Bias and limits of agreement, on the example they were published with."""

import numpy as np
import pytest

from psg.agreement import Bootstrap, DifferenceSums, bias, limits, spread

# Peak expiratory flow in l/min of 17 people, first readings of two meters (Bland and Altman 1986).
LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]
FLOW = np.array(LARGE) - np.array(MINI)


def whole(differences):
    return DifferenceSums.of(differences).drawn(np.ones(len(differences)))


def test_published_example_comes_out_as_printed():
    sums = whole(FLOW[:, None].astype(float))
    assert float(bias(sums)[0]) == pytest.approx(-2.1, abs=0.05)
    assert float(spread(sums)[0]) == pytest.approx(38.8, abs=0.05)
    lower, upper = limits(sums)
    assert float(lower[0]) == pytest.approx(-2.1 - 1.96 * 38.8, abs=0.1)
    assert float(upper[0]) == pytest.approx(-2.1 + 1.96 * 38.8, abs=0.1)


def test_what_is_unknown_in_a_night_is_left_out_of_that_measure_only():
    sums = whole(np.array([[1.0, 5.0], [3.0, np.nan], [5.0, 7.0]]))
    assert sums.counts.tolist() == [3, 2]
    np.testing.assert_allclose(bias(sums), [3, 6])
    np.testing.assert_allclose(spread(sums), [2, np.sqrt(2)])


def test_one_night_has_a_difference_and_no_limits():
    sums = whole(np.array([[4.0, np.nan]]))
    assert bias(sums)[0] == 4.0
    assert np.isnan(spread(sums)).all()
    assert np.isnan(bias(sums)[1])


def test_intervals_of_several_values_are_those_of_each_alone():
    nights = np.random.default_rng(3).normal(2, 5, (25, 2))
    sums, bootstrap = DifferenceSums.of(nights), Bootstrap.of(25, seed=1)
    together = bootstrap.intervals(lambda times: bias(sums.drawn(times)))
    for place, found in enumerate(together):
        alone = bootstrap.interval(lambda times, p=place: bias(sums.drawn(times))[..., p])
        assert found == alone
        assert found.low < found.value < found.high
