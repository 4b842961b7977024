"""Control items test raters, and count in no number about rationales."""

import numpy as np
import pytest

from psg.ratings import Draws, study_statistics
from tests.helpers.made_up_ratings import block, study

DRAWS = Draws(replicates=50, seed=1)
ARMS = [-0.3, 0.3]


def with_controls(score):
    """A study of two arms, and a fifth as many control items with this score."""
    rng = np.random.default_rng(4)
    items, arm = study(rng, recordings=10, severity=[-0.2, 0.0, 0.2], arms=ARMS)
    count = len(arm) // 4
    scores = np.concatenate([items.first_looks[..., 0], np.full((count, 3), float(score))])
    night = np.concatenate([items.recordings, np.arange(count) % 10])
    epochs = np.concatenate([items.epochs, np.arange(count)])
    known = np.repeat([False, True], [len(arm), count])
    return items, arm, block(scores, recordings=night, epochs=epochs), known


@pytest.mark.parametrize("score", [1, 3, 5])
def test_headline_reliability_and_differences_are_those_of_a_study_without_controls(score):
    items, arm, mixed, known = with_controls(score)
    masks = {"a": arm == 0, "b": arm == 1}
    padded = {name: np.concatenate([mask, known[known] & False]) for name, mask in masks.items()}
    plain = study_statistics(items, {}, masks, DRAWS)
    found = study_statistics(mixed, {}, padded, DRAWS, known)
    for part in ("overall", "agreement", "agreement_of_arms", "severity", "differences", "spread"):
        assert getattr(found, part) == getattr(plain, part), part
    pooled = study_statistics(mixed, {}, padded, DRAWS)
    assert pooled.agreement != plain.agreement
    assert plain.controls is None


def test_items_keep_their_places_in_the_list_of_the_widest_disagreement():
    scores = [[1, 5], [3, 3], [2, 5]]
    found = study_statistics(block(scores), {}, {}, DRAWS, np.array([True, False, False]))
    assert [spread.item for spread in found.spread] == [2, 1]


def test_controls_are_counted_by_rater_with_what_each_noticed():
    scores = [[1, 5], [2, np.nan], [4, 4], [5, 2], [np.nan, 3]]
    unsure = np.zeros((5, 2, 1), bool)
    unsure[1, 1] = unsure[4, 0] = True
    known = np.array([True, True, False, False, False])
    items = block(scores, cannot_judge=unsure)
    found = study_statistics(items, {}, {}, DRAWS, known).controls
    first, second = found.raters
    assert (first.controls_low, first.controls, first.controls_unsure) == (2, 2, 0)
    assert (second.controls_low, second.controls, second.controls_unsure) == (0, 1, 1)
    assert (second.written_low, second.written, second.written_unsure) == (1, 3, 0)
    assert (found.together.controls_low, found.together.controls) == (2, 3)
    (contrast,) = found.dimensions
    assert contrast.control.value == pytest.approx(8 / 3)
    assert contrast.written.value == pytest.approx(18 / 5)
    assert contrast.difference.value == pytest.approx(18 / 5 - 8 / 3)
    assert found.share_low.difference.value == pytest.approx(1 / 5 - 2 / 3)


def test_controls_that_nobody_rated_have_no_mean():
    scores = [[4, 5], [np.nan, np.nan]]
    found = study_statistics(block(scores), {}, {}, DRAWS, np.array([False, True])).controls
    assert (found.items, found.together.controls) == (1, 0)
    assert np.isnan(found.dimensions[0].control.value)
