"""Agreement of raters, taken together from psg.agreement."""

from itertools import combinations

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from psg.agreement import ReliabilitySums, variance_components
from psg.ratings import MEASURES, Draws, reliability
from tests.helpers.made_up_ratings import block

DRAWS = Draws(replicates=100, seed=1)
NONE = np.nan


@pytest.fixture
def scores():
    rng = np.random.default_rng(3)
    made = np.clip(np.round(rng.normal(3.4, 1, (40, 1)) + rng.normal(0, 0.7, (40, 4))), 1, 5)
    made[rng.random(made.shape) < 0.25] = NONE
    return made


def fleiss_by_hand(scores):
    """Weighted Fleiss' kappa of incomplete items, as Gwet (2014, section 3.4) writes it."""
    counts = (scores[:, :, None] == np.arange(1, 6)).sum(axis=1).astype(float)
    weights = 1 - np.subtract.outer(np.arange(5), np.arange(5)) ** 2 / 16
    rated, paired = counts[counts.sum(axis=1) > 0], counts[counts.sum(axis=1) > 1]
    usual = (rated / rated.sum(axis=1, keepdims=True)).mean(axis=0)
    shares = []
    for row in paired:
        m, liked = row.sum(), weights @ row
        shares.append((row * (liked - 1)).sum() / (m * (m - 1)))
    expected = usual @ weights @ usual
    return (np.mean(shares) - expected) / (1 - expected)


def test_each_measure_is_that_of_its_library(scores):
    found = reliability(block(scores, recordings=np.arange(40) // 4), 0, DRAWS)
    assert tuple(found) == MEASURES
    expected = krippendorff.alpha(
        reliability_data=scores.T, level_of_measurement="ordinal", value_domain=[1, 2, 3, 4, 5]
    )
    assert found["alpha_ordinal"].value == pytest.approx(expected)
    kappas = [
        cohen_kappa_score(
            *scores[~np.isnan(scores[:, pair]).any(axis=1)][:, pair].T,
            labels=[1, 2, 3, 4, 5],
            weights="quadratic",
        )
        for pair in map(list, combinations(range(4), 2))
    ]
    assert found["weighted_kappa"].value == pytest.approx(np.mean(kappas))
    assert found["fleiss_kappa"].value == pytest.approx(fleiss_by_hand(scores))
    parts = variance_components(ReliabilitySums.of(scores))
    assert found["icc_a1"].value == pytest.approx(float(parts.icc_a1))
    assert found["icc_ck"].value == pytest.approx(float(parts.icc_ck))


def test_share_within_one_point_counts_pairs_of_ratings():
    found = reliability(block([[5, 4, NONE], [1, 3, NONE], [2, 2, 2], [5, NONE, NONE]]), 0, DRAWS)
    assert found["within_one"].value == pytest.approx(2 / 3)
    assert found["identical"].value == pytest.approx(1 / 3)


def test_one_rater_has_no_agreement():
    found = reliability(block([[5.0], [4.0], [3.0]]), 0, DRAWS)
    assert all(np.isnan(one.value) for one in found.values())


def test_nothing_rated_has_none_either():
    found = reliability(block([[NONE, NONE]]), 0, DRAWS)
    assert tuple(found) == MEASURES
    assert all(np.isnan(one.value) for one in found.values())
