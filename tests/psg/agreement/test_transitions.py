import numpy as np

from psg.agreement import at_transition, only_where


def marked(*scorers: list[int]) -> list[int]:
    return np.flatnonzero(at_transition(np.array(scorers).T)).tolist()


def test_both_sides_of_a_change_are_beside_it():
    assert marked([0, 0, 2, 2, 2]) == [1, 2]


def test_a_change_by_one_of_two_scorers_is_enough():
    assert marked([0, 0, 0, 2, 2], [0, 0, 0, 0, 0]) == [2, 3]


def test_two_who_differ_all_along_are_not_at_a_transition():
    assert marked([2, 2, 2, 2], [3, 3, 3, 3]) == []


def test_one_of_three_scorers_is_not_enough():
    assert marked([0, 0, 2, 2], [0, 0, 0, 0], [0, 0, 0, 0]) == []
    assert marked([0, 0, 2, 2], [0, 0, 2, 2], [0, 0, 0, 0]) == [1, 2]


def test_next_to_an_unscored_epoch_nothing_is_known_to_change():
    assert marked([0, -1, 2, 2]) == []
    assert marked([0, -1, 2, 2], [0, 0, 2, 2], [0, 0, 2, 2]) == [1, 2]


def test_epochs_outside_the_mask_are_as_if_unscored():
    codes = np.array([[0, 1], [2, 2]])
    found = only_where(codes, np.array([True, False]))
    np.testing.assert_array_equal(found, [[0, 1], [-1, -1]])
