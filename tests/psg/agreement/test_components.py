"""Reliability of ratings against pingouin and published tables."""

import numpy as np
import pandas as pd
import pingouin
import pytest

from psg.agreement import ReliabilitySums, variance_components

NONE = np.nan
# Shrout and Fleiss (1979), six targets and four judges.
SHROUT_FLEISS = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
]
# Gwet (2014), iccdata1 of irrICC: five targets, four judges, repeats and holes.
GWET = [
    [[6, 6.5, 4], [1, NONE, 3], [3, 3, 5.5], [2, 4, 4]],
    [[9, 7, 8], [2, NONE, NONE], [5, 2, 2], [8, 6, 7]],
    [[10, NONE, NONE], [5, NONE, NONE], [6, NONE, NONE], [NONE, NONE, NONE]],
    [[6, NONE, 8], [2, 1, 2.5], [4, 3, NONE], [NONE, 6, 5]],
    [[10, 9.5, NONE], [5, 4, NONE], [6, NONE, NONE], [9, 8, NONE]],
]


def components_of(scores):
    return variance_components(ReliabilitySums.of(np.array(scores, dtype=float)))


def test_complete_published_example_comes_out_as_printed():
    found = components_of(SHROUT_FLEISS)
    printed = {"icc_a1": 0.29, "icc_c1": 0.71, "icc_ak": 0.62, "icc_ck": 0.91}
    assert {name: round(float(getattr(found, name)), 2) for name in printed} == printed


def test_unbalanced_published_example_comes_out_as_printed():
    found = components_of(GWET)
    assert float(found.item) == pytest.approx(2.090769, abs=5e-7)
    assert float(found.rater) == pytest.approx(4.34898, abs=5e-6)
    assert float(found.error) == pytest.approx(1.598313, abs=5e-7)
    assert float(found.icc_a1) == pytest.approx(0.2601086, abs=5e-8)


@pytest.mark.parametrize("seed", range(4))
def test_complete_tables_equal_pingouin(seed):
    rng = np.random.default_rng(seed)
    effects = rng.normal(0, 0.5, (30, 1)) + rng.normal(0, 0.4, (1, 4))
    scores = np.clip(np.round(3.5 + effects + rng.normal(0, 0.7, (30, 4))), 1, 5)
    table = pd.DataFrame(scores).melt(ignore_index=False, var_name="rater", value_name="score")
    library = pingouin.intraclass_corr(
        table.reset_index(names="item"), targets="item", raters="rater", ratings="score"
    ).set_index("Type")["ICC"]
    found = components_of(scores)
    for name, ours in {
        "ICC(A,1)": found.icc_a1,
        "ICC(A,k)": found.icc_ak,
        "ICC(C,1)": found.icc_c1,
        "ICC(C,k)": found.icc_ck,
    }.items():
        assert float(ours) == pytest.approx(library[name], abs=1e-12)


def test_components_of_a_table_with_holes_come_back():
    rng = np.random.default_rng(1)
    scores = rng.normal(0, 0.6, (4000, 1)) + rng.normal(0, 0.8, (4000, 6))
    severity = np.array([-0.5, -0.3, 0.0, 0.1, 0.2, 0.5])
    scores += severity
    order = np.argsort(rng.random(scores.shape), axis=1)
    np.put_along_axis(scores, order[:, 3:], NONE, axis=1)
    found = components_of(scores)
    assert float(found.item) == pytest.approx(0.36, abs=0.03)
    assert float(found.error) == pytest.approx(0.64, abs=0.03)
    assert float(found.rater) == pytest.approx(severity.var(ddof=1), abs=0.02)
    assert float(found.raters_per_item) == pytest.approx(3)


def test_too_few_to_tell_is_nan():
    for scores in ([[3.0, 4.0]], [[3.0], [4.0]], [[3.0, NONE], [NONE, 4.0]], [[NONE, NONE]]):
        assert np.isnan(components_of(scores).icc_a1)
