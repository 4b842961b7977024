import numpy as np
import pytest

from psg.agreement import AgreementSums, mean_pair_kappa, mean_pairwise_kappa
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
