"""Probabilities of given stages: whether they tell right from wrong, and are kept."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, roc_auc_score

from inference.training.evaluation.certainty import certainty_figures, certainty_sums
from psg.stages import STAGES, Stage, stage_codes
from tests.helpers.evaluated_nights import answers, reply

STAGE_NAMES = [stage.value for stage in STAGES]


def night(seed, *, epochs=300):
    """Reference codes, and answers whose stage is right as often as it is probable."""
    rng = np.random.default_rng(seed)
    shares = rng.dirichlet([0.4] * 5, epochs).round(6)
    given = [STAGE_NAMES[int(row.argmax())] for row in shares]
    truth = [Stage(rng.choice(STAGE_NAMES, p=row / row.sum())) for row in shares]
    plain = answers({n: reply(stage) for n, stage in enumerate(given)}, epochs)
    weighed = {
        n: replace(
            its,
            raw=replace(its.raw, probabilities=dict(zip(STAGE_NAMES, shares[n], strict=True))),
        )
        for n, its in plain.by_epoch.items()
    }
    return stage_codes(truth), replace(plain, by_epoch=weighed), shares


def test_area_and_kappa_are_those_of_scikit_learn():
    truth, written, shares = night(1)
    figures = certainty_figures([certainty_sums(truth, written)])
    right = written.codes == truth
    assert figures.certainty_auc == pytest.approx(roc_auc_score(right, shares.max(1)), abs=5e-3)
    kappa = cohen_kappa_score(truth, written.codes)
    assert figures.certainty.kappa_of_most_probable == pytest.approx(kappa, abs=1e-3)
    assert figures.certainty.mean_probability == pytest.approx(shares.max(1).mean(), abs=1e-3)


def test_the_calibration_error_is_small_only_where_probabilities_are_kept():
    truth, written, _ = night(2, epochs=3000)
    honest = certainty_figures([certainty_sums(truth, written)])
    assert honest.calibration_error < 0.03
    sure = {
        n: replace(
            its,
            raw=replace(
                its.raw,
                probabilities={name: float(name == its.read.stage) for name in STAGE_NAMES},
            ),
        )
        for n, its in written.by_epoch.items()
    }
    boast = certainty_figures([certainty_sums(truth, replace(written, by_epoch=sure))])
    accuracy = float((written.codes == truth).mean())
    assert boast.calibration_error == pytest.approx(1 - accuracy, abs=1e-3)
    assert boast.certainty_auc == 0.5
    (only,) = [its for its in boast.certainty.bins if its.epochs]
    assert (only.low, only.high, only.epochs) == (0.9, 1.0, 3000)
    assert only.right == pytest.approx(accuracy, abs=1e-3)


def test_intervals_are_drawn_over_subjects():
    subjects = [certainty_sums(*night(seed)[:2]) for seed in range(4)]
    low, high = certainty_figures(subjects).interval_of("certainty_auc")
    assert low < certainty_figures(subjects).certainty_auc < high


def test_without_probabilities_or_reference_there_are_no_figures():
    truth, written, _ = night(3)
    plain = answers({0: reply("W"), 1: "no reply"}, 300)
    assert certainty_figures([certainty_sums(truth, plain)]).as_json() == {}
    unknown = np.full_like(truth, -1)
    assert certainty_figures([certainty_sums(unknown, written)]).as_json() == {}


def test_figures_are_written_and_read_as_json():
    truth, written, _ = night(4)
    figures = certainty_figures([certainty_sums(truth, written)])
    again = type(figures).model_validate(json.loads(json.dumps(figures.as_json())))
    assert again == figures
