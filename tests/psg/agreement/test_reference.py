"""One scoring judged by another, against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    cohen_kappa_score,
    f1_score,
    precision_score,
    recall_score,
)

from psg.agreement import reference

RNG = np.random.default_rng(6)
TRUE = RNG.integers(0, 5, 500)
GIVEN = np.where(RNG.random(500) < 0.3, RNG.integers(-1, 5, 500), TRUE)
STAGED = GIVEN >= 0


def table():
    return reference.tested_confusion(TRUE, GIVEN)


def test_measures_over_what_was_staged_equal_scikit_learn():
    staged, y, x = reference.staged(table()), TRUE[STAGED], GIVEN[STAGED]
    labels = range(5)
    assert float(reference.accuracy(staged)) == pytest.approx(accuracy_score(y, x))
    assert float(reference.kappa(staged)) == pytest.approx(cohen_kappa_score(y, x, labels=labels))
    assert float(reference.macro_f1(staged)) == pytest.approx(
        f1_score(y, x, labels=labels, average="macro")
    )
    np.testing.assert_allclose(
        reference.recall(staged), recall_score(y, x, labels=labels, average=None)
    )
    np.testing.assert_allclose(
        reference.precision(staged), precision_score(y, x, labels=labels, average=None)
    )


def test_epochs_that_got_no_stage_count_as_an_answer_of_their_own_where_asked():
    answers = np.where(STAGED, GIVEN, 5)
    assert float(reference.accuracy(table())) == pytest.approx(accuracy_score(TRUE, answers))
    expected = cohen_kappa_score(TRUE, answers, labels=range(6))
    assert float(reference.kappa(table())) == pytest.approx(expected)
    assert table()[:, reference.NOT_STAGED].sum() == (~STAGED).sum()


def test_epochs_without_a_reference_are_in_no_cell():
    found = reference.tested_confusion(np.array([-1, 2, 2]), np.array([2, 2, -1]))
    assert found.sum() == 2


def test_a_stage_that_never_came_is_not_counted_as_missed():
    found = reference.tested_confusion(np.array([0, 0, 2, 2]), np.array([0, 0, 2, 0]))
    scores = reference.f1_scores(reference.staged(found))
    assert np.isnan(scores[[1, 3, 4]]).all()
    assert float(reference.macro_f1(reference.staged(found))) == pytest.approx((0.8 + 2 / 3) / 2)
