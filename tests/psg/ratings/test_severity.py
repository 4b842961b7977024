"""Severity of raters on the items they share."""

import numpy as np
import pytest
import statsmodels.formula.api as formula
from pandas import DataFrame

from psg.ratings import Draws, SeveritySums, rater_offsets, severity
from tests.helpers.made_up_ratings import block

NONE = np.nan


def offsets_of(items):
    return rater_offsets(SeveritySums.by_subject(items, 0).drawn(np.ones(items.subject_count)))


def test_offsets_come_back_where_raters_met_different_items():
    """The harsh rater met the best items: plain means would call that rater mild."""
    quality, offset = np.array([5, 4, 2, 1]), np.array([-1.0, 0.0, 1.0])
    scores = quality[:, None] + offset
    scores[2:, 0] = NONE
    scores[0, 2] = NONE
    assert np.nanmean(scores[:, 0]) > np.nanmean(scores[:, 2])
    np.testing.assert_allclose(offsets_of(block(scores)), offset, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_offsets_are_the_effects_of_a_linear_model(seed):
    rng = np.random.default_rng(seed)
    scores = rng.integers(1, 6, (25, 4)).astype(float)
    scores[rng.random(scores.shape) < 0.4] = NONE
    rows = [
        {"item": str(i), "rater": str(j), "score": scores[i, j]}
        for i, j in np.argwhere(~np.isnan(scores))
    ]
    fitted = formula.ols("score ~ C(item) + C(rater)", DataFrame(rows)).fit().params
    effects = np.array([0.0] + [fitted[f"C(rater)[T.{j}]"] for j in range(1, 4)])
    np.testing.assert_allclose(offsets_of(block(scores)), effects - effects.mean(), atol=1e-9)


def test_raters_without_a_chain_of_shared_items_cannot_be_set_side_by_side():
    apart = [[5, 4, NONE, NONE], [NONE, NONE, 2, 1]]
    assert np.isnan(offsets_of(block(apart))).all()
    joined = [*apart, [NONE, 3, 3, NONE]]
    assert not np.isnan(offsets_of(block(joined))).any()


def test_a_rater_who_shares_no_item_has_no_offset_and_spoils_no_other():
    found = offsets_of(block([[5, 3, NONE], [NONE, NONE, 4]]))
    np.testing.assert_allclose(found, [1, -1, NONE])


def test_a_rater_alone_or_nobody_has_none():
    for scores in ([[5.0], [4.0]], [[NONE, NONE]]):
        found = severity(block(scores), 0, Draws(replicates=50))
        assert np.isnan([one.value for one in found]).all()
