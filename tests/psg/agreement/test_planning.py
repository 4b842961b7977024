"""Expected widths of intervals, from a design alone."""

import math

import numpy as np
import pytest

from psg.agreement import ScoreModel, expected_widths


def widths(items=60, raters=3, recordings=30, each=None, **more):
    asked = np.ones((items, raters), dtype=bool)
    if each:
        asked = (np.arange(raters) - np.arange(items)[:, None]) % raters < each
    return expected_widths(
        asked,
        recordings=np.arange(items) % recordings,
        groups=np.arange(items) % 2,
        group_count=2,
        studies=200,
        **more,
    )


def test_the_width_of_the_mean_is_that_of_the_textbook():
    """1.96 standard errors each way: recordings, items and errors drawn anew, raters kept."""
    model = ScoreModel(mean=3, between_recordings=0.3, between_items=0.3, between_raters=0.1)
    found = widths(model=model)
    rounding = 1 / 12
    variance = 0.3**2 / 30 + 0.3**2 / 60 + (0.5**2 + rounding) / 180
    assert found.mean == pytest.approx(2 * 1.96 * math.sqrt(variance), rel=0.15)
    assert all(found.mean < width < 2 * found.mean for width in found.group_means)


def test_more_nights_items_and_raters_narrow_the_intervals():
    assert widths(recordings=5).mean > 1.3 * widths(recordings=30).mean
    assert widths(items=20, recordings=20).icc_a1 > widths(items=120).icc_a1
    assert widths(raters=6, each=2).icc_a1 > widths(raters=6).icc_a1


def test_one_rater_an_item_says_nothing_of_agreement():
    found = widths(raters=3, each=1)
    assert math.isnan(found.icc_a1)
    assert found.mean > 0


def test_the_seed_decides():
    assert widths(seed=3) == widths(seed=3)
    assert widths(seed=3) != widths(seed=4)


def test_a_group_without_items_has_no_width():
    found = expected_widths(
        np.ones((4, 2), dtype=bool),
        recordings=np.arange(4),
        groups=np.zeros(4, dtype=int),
        group_count=2,
        studies=20,
    )
    assert found.group_means[0] > 0
    assert math.isnan(found.group_means[1])
