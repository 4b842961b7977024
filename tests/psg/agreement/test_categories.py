"""Agreement on one category at a time."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from psg.agreement import (
    CategorySums,
    category_counts,
    each_against_rest,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    specific_agreement,
)


def sums_of(codes, categories=5):
    return CategorySums.of(category_counts(codes, categories))


def test_of_two_scorers_specific_agreement_is_the_f1_score():
    a, b = np.random.default_rng(1).integers(0, 5, (2, 300))
    expected = f1_score(a, b, labels=range(5), average=None)
    np.testing.assert_allclose(specific_agreement(sums_of(np.stack([a, b], axis=1))), expected)


def test_one_against_the_rest_is_what_recoded_ratings_give():
    codes = np.random.default_rng(2).integers(-1, 5, (200, 4))
    collapsed = each_against_rest(sums_of(codes))
    for category in range(5):
        plain = sums_of(np.where(codes < 0, -1, codes == category), 2)
        for measure in (fleiss_kappa, gwet_ac, krippendorff_alpha):
            assert measure(collapsed)[category] == pytest.approx(float(measure(plain)))


def test_leading_axes_are_kept():
    parts = [sums_of(np.random.default_rng(n).integers(0, 5, (50, 3))) for n in range(4)]
    drawn = CategorySums.stack(parts).drawn(np.ones((7, 4)))
    assert specific_agreement(drawn).shape == (7, 5)
    assert fleiss_kappa(each_against_rest(drawn)).shape == (7, 5)


def test_a_category_nobody_used_is_undefined():
    assert np.isnan(specific_agreement(sums_of(np.array([[0, 0], [0, 1]])))[4])
