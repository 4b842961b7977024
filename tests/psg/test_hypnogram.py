import numpy as np

from psg.hypnogram import (
    Bout,
    Transition,
    bouts,
    stage_counts,
    transition_counts,
    transition_epochs,
    transitions,
)
from psg.stages import Stage

W, N1, N2, N3, R = Stage
NIGHT = [W, W, N1, None, N2, N2, W]


def test_bouts_cover_the_night_with_unscored_runs_of_their_own():
    found = bouts(NIGHT)
    assert found == [
        Bout(W, 0, 2),
        Bout(N1, 2, 1),
        Bout(None, 3, 1),
        Bout(N2, 4, 2),
        Bout(W, 6, 1),
    ]
    assert found[-1].end == len(NIGHT)


def test_no_transition_touches_or_crosses_an_unscored_epoch():
    assert transitions(NIGHT) == [Transition(2, W, N1), Transition(6, N2, W)]


def test_both_sides_of_a_transition_are_marked():
    marked = transition_epochs(NIGHT)
    assert np.flatnonzero(marked).tolist() == [1, 2, 5, 6]
    assert not transition_epochs([N2, N2, N2]).any()


def test_transition_counts_include_staying_and_leave_unscored_out():
    counts = transition_counts(NIGHT)
    assert counts.sum() == 4
    assert counts[0, 0] == 1
    assert counts[0, 1] == 1
    assert counts[2, 2] == 1
    assert counts[2, 0] == 1
    assert transition_counts([]).sum() == 0


def test_stage_counts_name_absent_stages_and_no_unscored():
    assert stage_counts(NIGHT) == {W: 3, N1: 1, N2: 2, N3: 0, R: 0}
