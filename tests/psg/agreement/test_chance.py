"""Chance-corrected agreement against published examples and the libraries of the field."""

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa as library_fleiss

from psg.agreement import (
    CategorySums,
    category_counts,
    category_weights,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    observed_agreement,
    weighted_kappa,
)

# Twelve units, four observers, ratings missing: the example of Krippendorff (2011), on which
# Gwet's irrCAC documents its coefficients too. -1 is missing, categories 1 to 5 are 0 to 4.
PUBLISHED = (
    np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ]
    ).T
    - 1
)
TO_LIBRARY = {"nominal": "nominal", "ordinal": "ordinal", "quadratic": "interval"}


def sums_of(codes, categories=5):
    return CategorySums.of(category_counts(codes, categories))


def test_published_example_with_missing_ratings_comes_out_as_printed():
    sums = sums_of(PUBLISHED)
    assert float(observed_agreement(sums)) == pytest.approx(0.81818, abs=5e-6)
    assert float(gwet_ac(sums)) == pytest.approx(0.77544, abs=5e-6)
    assert float(fleiss_kappa(sums)) == pytest.approx(0.76117, abs=5e-6)
    assert float(krippendorff_alpha(sums)) == pytest.approx(0.743, abs=5e-4)
    assert float(krippendorff_alpha(sums, "ordinal")) == pytest.approx(0.815, abs=5e-4)
    assert float(krippendorff_alpha(sums, "quadratic")) == pytest.approx(0.849, abs=5e-4)


def test_ordinal_weights_are_one_less_the_pairs_between():
    expected = [[1, 2 / 3, 0], [2 / 3, 1, 2 / 3], [0, 2 / 3, 1]]
    np.testing.assert_allclose(category_weights(3, "ordinal"), expected)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(2, 5))
def test_alpha_equals_the_library_with_ratings_missing(seed, raters, categories):
    rng = np.random.default_rng(seed)
    codes = rng.integers(-1, categories, (30, raters))
    paired = (codes >= 0).sum(axis=1) >= 2
    assume(len(np.unique(codes[paired][codes[paired] >= 0])) > 1)
    data = np.where(codes < 0, np.nan, codes.astype(float)).T
    for ours, theirs in TO_LIBRARY.items():
        expected = krippendorff.alpha(
            reliability_data=data, level_of_measurement=theirs, value_domain=range(categories)
        )
        found = float(krippendorff_alpha(sums_of(codes, categories), ours))
        assert found == pytest.approx(expected, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(2, 5))
def test_fleiss_kappa_equals_the_library(seed, raters, categories):
    codes = np.random.default_rng(seed).integers(0, categories, (30, raters))
    counts = category_counts(codes, categories)
    found = float(fleiss_kappa(CategorySums.of(counts)))
    assert found == pytest.approx(library_fleiss(counts), abs=1e-12)


@pytest.mark.parametrize(("level", "name"), [("linear", "linear"), ("quadratic", "quadratic")])
def test_weighted_kappa_equals_scikit_learn(level, name):
    a, b = np.random.default_rng(3).integers(0, 5, (2, 200))
    table = np.zeros((5, 5))
    np.add.at(table, (a, b), 1)
    expected = cohen_kappa_score(a, b, labels=range(5), weights=name)
    assert float(weighted_kappa(table, category_weights(5, level))) == pytest.approx(expected)


def test_nothing_rated_twice_is_undefined_and_full_agreement_of_one_category_is_no_kappa():
    alone = sums_of(np.array([[0, -1], [-1, 3]]))
    for measure in (observed_agreement, fleiss_kappa, gwet_ac, krippendorff_alpha):
        assert np.isnan(measure(alone))
    same = sums_of(np.zeros((5, 3), dtype=int))
    assert np.isnan(fleiss_kappa(same))
    assert np.isnan(krippendorff_alpha(same))
    assert float(gwet_ac(same)) == 1.0


def test_sums_of_recordings_add_up_to_those_of_all_epochs():
    codes = np.random.default_rng(0).integers(-1, 5, (90, 4))
    parts = CategorySums.stack([sums_of(part) for part in np.split(codes, 3)])
    whole = sums_of(codes)
    for measure in (observed_agreement, fleiss_kappa, gwet_ac, krippendorff_alpha):
        assert float(measure(parts.drawn(np.ones(3)))) == pytest.approx(float(measure(whole)))


def test_codes_outside_the_categories_are_refused():
    with pytest.raises(ValueError, match="-1 to 4"):
        category_counts(np.array([[5]]), 5)
    with pytest.raises(ValueError, match="-1 to 4"):
        category_counts(np.array([[-2]]), 5)
