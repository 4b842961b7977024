"""Holm's method against the library."""

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from psg.ratings import holm


@pytest.mark.parametrize("seed", range(3))
def test_adjusted_values_equal_the_library(seed):
    p = np.random.default_rng(seed).random(9) ** 3
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])


def test_what_could_not_be_tested_stays_unknown_and_costs_nothing():
    assert holm([0.02, np.nan, 0.03]) == [
        pytest.approx(0.04),
        pytest.approx(np.nan, nan_ok=True),
        pytest.approx(0.04),
    ]
    assert holm([]) == []
