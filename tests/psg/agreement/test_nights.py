import itertools

import numpy as np
import pytest

from psg.agreement import (
    AgreementSums,
    CategorySums,
    category_counts,
    confusion,
    mean_pair_kappa,
    mean_pairwise_kappa,
    pair_tables,
    rule_sums,
)
from psg.stages import stages_from_codes


def test_mean_kappa_of_drawn_nights_is_that_of_their_epochs_together():
    nights = [np.random.default_rng(seed).integers(-1, 5, (50, 4)) for seed in range(3)]
    sums = AgreementSums.of(nights, 5)
    together = np.concatenate([nights[0], nights[0], nights[2]])
    expected = mean_pairwise_kappa([stages_from_codes(column) for column in together.T])
    found = mean_pair_kappa(sums.pairs_drawn(np.array([2.0, 0.0, 1.0])))
    assert float(found) == pytest.approx(expected)


def test_a_pair_without_common_epochs_is_left_out_of_the_mean():
    night = np.array([[0, 0, -1], [1, 1, -1], [2, 1, 4], [-1, 2, 0]])
    sums = AgreementSums.of([night], 5)
    assert np.isfinite(mean_pair_kappa(sums.pairs_drawn(np.ones(1))))
    alone = AgreementSums.of([np.array([[0, -1], [-1, 1]])], 5)
    assert np.isnan(mean_pair_kappa(alone.pairs_drawn(np.ones(1))))


def test_the_tables_of_pairs_are_their_confusions():
    night = np.random.default_rng(4).integers(-1, 5, (60, 4))
    scorings = [stages_from_codes(column) for column in night.T]
    pairs = itertools.combinations(scorings, 2)
    np.testing.assert_array_equal(pair_tables(night, 5), [confusion(a, b) for a, b in pairs])
    assert pair_tables(night[:, :1], 5).shape == (0, 5, 5)
    assert pair_tables(night[:0], 5).shape == (6, 5, 5)


def test_sums_of_parts_of_a_night_are_those_of_the_night():
    night = np.random.default_rng(5).integers(-1, 5, (60, 4))
    whole = AgreementSums.of([night], 5)
    added = AgreementSums.of([night[:25]], 5).plus(AgreementSums.of([night[25:]], 5))
    np.testing.assert_array_equal(whole.pairs, added.pairs)
    for name in ("pairs", "coincidences", "shares", "rated", "paired"):
        one, other = (getattr(sums.categories, name) for sums in (whole, added))
        np.testing.assert_allclose(one, other)


def test_rules_are_counted_as_cited_or_not_by_those_who_staged():
    chance = np.random.default_rng(6)
    codes = chance.integers(-1, 5, (60, 4))
    cited = chance.random((60, 4, 3)) < 0.4
    found = rule_sums(cited, codes)
    for rule in range(3):
        choices = np.where(codes >= 0, cited[..., rule], -1)
        alone = CategorySums.of(category_counts(choices, 2))
        for name in ("pairs", "coincidences", "shares", "rated", "paired"):
            np.testing.assert_allclose(getattr(found, name)[rule], getattr(alone, name))
