import math
import warnings

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, confusion_matrix

from psg.agreement import (
    agreement_rate,
    cohen_kappa,
    confusion,
    mean_pairwise_kappa,
    pairwise_kappas,
)
from psg.epochs import grid_for
from psg.stagefiles import place_on_grid, read_entries
from psg.stages import STAGES, Stage, stages_from_codes


def random_scoring(seed: int, epochs: int = 200, low: int = -1) -> list[Stage | None]:
    return stages_from_codes(np.random.default_rng(seed).integers(low, 5, epochs))


def both_scored(a, b):
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    return [str(x) for x, _ in pairs], [str(y) for _, y in pairs]


@pytest.mark.parametrize("seed", range(5))
def test_kappa_and_confusion_equal_scikit_learn_with_unscored_left_out(seed):
    a, b = random_scoring(seed), random_scoring(seed + 100)
    labels = [str(stage) for stage in STAGES]
    a_kept, b_kept = both_scored(a, b)

    assert cohen_kappa(a, b) == pytest.approx(cohen_kappa_score(a_kept, b_kept, labels=labels))
    np.testing.assert_array_equal(confusion(a, b), confusion_matrix(a_kept, b_kept, labels=labels))


def test_stages_that_one_scorer_never_uses_change_nothing_in_the_comparison():
    a = [Stage.W, Stage.W, Stage.N2, Stage.N2, Stage.N3]
    b = [Stage.W, Stage.N1, Stage.N2, Stage.N2, Stage.N2]
    expected = cohen_kappa_score([str(s) for s in a], [str(s) for s in b], labels=list(STAGES))
    assert cohen_kappa(a, b) == pytest.approx(expected)


def test_same_scoring_agrees_fully():
    scoring = random_scoring(3)
    assert cohen_kappa(scoring, scoring) == pytest.approx(1.0)
    assert agreement_rate(scoring, scoring) == 1.0


def test_kappa_is_undefined_without_common_epochs_or_with_one_stage_only():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isnan(cohen_kappa([None, Stage.W], [Stage.W, None]))
        assert math.isnan(cohen_kappa([Stage.N2] * 4, [Stage.N2] * 4))
        assert math.isnan(agreement_rate([None], [Stage.W]))
        assert math.isnan(mean_pairwise_kappa([[Stage.N2] * 4]))


def test_unscored_epochs_are_left_out_pair_by_pair():
    a = [Stage.W, Stage.N1, Stage.N2, None]
    b = [Stage.W, Stage.N2, Stage.N2, Stage.R]
    c = [None, Stage.N1, Stage.N2, Stage.R]
    pairs = pairwise_kappas([a, b, c])
    assert [(pair.first, pair.second) for pair in pairs] == [(0, 1), (0, 2), (1, 2)]
    assert [pair.epoch_count for pair in pairs] == [3, 2, 3]
    expected = np.mean([pair.kappa for pair in pairs])
    assert mean_pairwise_kappa([a, b, c]) == pytest.approx(expected)


def test_scorings_of_different_length_are_refused():
    with pytest.raises(ValueError, match="2 and 1 epochs"):
        cohen_kappa([Stage.W, Stage.W], [Stage.W])


@pytest.mark.real_data
def test_twelve_scorers_of_one_real_night_agree_as_scikit_learn_says(real_data):
    scorings = []
    for path in sorted((real_data / "psg-ipa" / "manual").glob("*.edf")):
        entries = read_entries(path)
        grid = grid_for(max(entry.onset_s + entry.duration_s for entry in entries), entries)
        scorings.append(place_on_grid(entries, grid))
    pairs = pairwise_kappas(scorings)
    assert len(pairs) == 66
    labels = [str(stage) for stage in STAGES]
    for pair in pairs[::13]:
        a, b = both_scored(scorings[pair.first], scorings[pair.second])
        assert pair.kappa == pytest.approx(cohen_kappa_score(a, b, labels=labels))
    assert mean_pairwise_kappa(scorings) == pytest.approx(0.726, abs=0.002)
