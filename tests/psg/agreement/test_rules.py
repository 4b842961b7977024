"""Overlap of cited rules, with what cites nothing counted apart."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from psg.agreement import (
    OverlapSums,
    fleiss_kappa,
    jaccard,
    jaccard_with_empty,
    rule_sums,
    specific_agreement,
)

# Four rules, two scorers, five epochs: alike, half, one empty, both empty, another stage.
FIRST = [[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
SECOND = [[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]
STAGES = [[2, 2], [2, 2], [2, 2], [2, 2], [2, 3]]


def worked_example():
    cited = np.stack([np.array(FIRST), np.array(SECOND)], axis=1).astype(bool)
    return cited, np.array(STAGES)


def test_pairs_that_cite_nothing_are_counted_by_themselves():
    sums = OverlapSums.of(*worked_example())
    assert sums.citing.tolist() == [4, 3]
    assert sums.empty.tolist() == [1, 1]
    np.testing.assert_allclose(jaccard(sums), [(1 + 0.5) / 4, (1 + 0.5) / 3])
    np.testing.assert_allclose(jaccard_with_empty(sums), [2.5 / 5, 2.5 / 4])


def test_an_epoch_that_one_did_not_stage_is_no_pair():
    cited, codes = worked_example()
    codes[0, 0] = -1
    assert OverlapSums.of(cited, codes).citing.tolist() == [3, 2]


def test_overlap_of_three_scorers_is_that_of_their_pairs():
    rng = np.random.default_rng(4)
    cited, codes = rng.random((30, 3, 5)) < 0.3, rng.integers(-1, 2, (30, 3))
    whole = OverlapSums.of(cited, codes)
    parts = [OverlapSums.of(cited[:, pair], codes[:, pair]) for pair in ([0, 1], [0, 2], [1, 2])]
    for name in ("overlap", "citing", "empty"):
        together = sum(getattr(part, name) for part in parts)
        np.testing.assert_allclose(getattr(whole, name), together)


def test_each_rule_has_a_kappa_of_its_own():
    rng = np.random.default_rng(5)
    cited, codes = rng.random((400, 2, 3)) < 0.4, np.zeros((400, 2), dtype=int)
    found = fleiss_kappa(rule_sums(cited, codes))
    for rule in range(3):
        expected = cohen_kappa_score(cited[:, 0, rule], cited[:, 1, rule])
        assert found[rule] == pytest.approx(expected, abs=0.01)  # Fleiss' pools the margins
    assert np.isnan(fleiss_kappa(rule_sums(np.zeros((5, 2, 1), bool), np.zeros((5, 2), int)))[0])
    assert specific_agreement(rule_sums(*worked_example()))[0, 1] == pytest.approx(4 / 6)
