from dataclasses import replace

import pytest

from psg.events.faults import Fault
from psg.events.unread import Gap
from psg.montage import Derivation
from psg.rules.reader.deciding import decide
from psg.rules.reader.signs import BESIDE_NON_REM
from psg.stages import Stage

W, N1, N2, N3, R = Stage


@pytest.fixture
def read(signs, producer):
    def read_epochs(*epochs, calibration=producer):
        return [(found.stage, *found.rules) for found in decide(signs(*epochs), calibration)]

    return read_epochs


@pytest.fixture
def alpha_epoch(epoch):
    return epoch(alpha=[0, 9, 18])


@pytest.fixture
def spindle_epoch(epoch):
    return epoch(spindle=[5])


@pytest.fixture
def rem_epoch(epoch):
    return epoch(low_tone=1.0, rem=[3, 5, 18])


@pytest.fixture
def quiet_low(epoch):
    return epoch(low_tone=1.0, theta=[5])


def test_alpha_in_more_than_half_is_w(read, epoch, alpha_epoch):
    assert read(alpha_epoch) == [(W, "W.1")]
    assert read(epoch(alpha=[0]))[0][0] is not W


def test_blinks_are_w_unless_they_are_few_or_tone_is_low(read, epoch):
    assert read(epoch(blink=[2, 3, 4])) == [(W, "W.2")]
    assert read(epoch(blink=[2, 3])) == [(N1, "N1.1")]
    assert read(epoch(blink=[2, 3, 4], low_tone=1.0))[0][0] is not W


def test_rapid_eye_movements_with_tone_are_w_and_with_low_tone_are_r(read, epoch, rem_epoch):
    assert read(epoch(rem=[3, 5, 18])) == [(W, "W.3")]
    assert read(rem_epoch) == [(R, "R.1")]


def test_without_a_chin_rapid_eye_movements_decide_neither_w_nor_r(read, epoch, no_chin):
    assert read(epoch(low_tone=None, rem=[3, 5, 18]), calibration=no_chin) == [(N1, "N1.1")]


def test_n1_in_a_sleeper_with_alpha_and_in_one_without(read, epoch, no_alpha):
    assert read(epoch(alpha=[0])) == [(N1, "N1.1")]
    assert read(epoch(theta=[0, 10]), calibration=no_alpha) == [(N1, "N1.2")]
    assert read(epoch(vertex_wave=[4]), calibration=no_alpha) == [(N1, "N1.2")]
    assert read(epoch(), calibration=no_alpha) == [(W,)]


def test_a_sign_of_n2_counts_in_the_first_half_or_the_last_half_before(read, epoch):
    assert read(epoch(spindle=[5])) == [(N2, "N2.1")]
    assert read(epoch(k_complex=[5])) == [(N2, "N2.1")]
    assert read(epoch(spindle=[22])) == [(N1, "N1.1")]
    assert read(epoch(spindle=[22]), epoch()) == [(N1, "N1.1"), (N2, "N2.1")]


def test_a_k_complex_tied_to_an_arousal_is_no_sign_of_n2(read, epoch):
    assert read(epoch(k_complex=[5], arousal=[5.5])) == [(N1, "N1.1")]


def test_n2_goes_on_until_an_arousal(read, epoch, spindle_epoch):
    assert read(spindle_epoch, epoch(), epoch(), epoch(arousal=[4]), epoch()) == [
        (N2, "N2.1"),
        (N2, "N2.2"),
        (N2, "N2.2"),
        (N1, "N2.4", "N1.1"),
        (N1, "N1.1"),
    ]


def test_an_arousal_in_the_last_half_rules_the_next_epoch(read, epoch, spindle_epoch):
    found = read(spindle_epoch, epoch(arousal=[20]), epoch())
    assert [stage for stage, *_ in found] == [N2, N2, N1]


def test_n3_needs_six_seconds_of_slow_waves_and_leaves_n2_behind(read, epoch):
    six = epoch(slow_wave=[1, 3, 5, 7, 9, 11])
    five = epoch(slow_wave=[1, 3, 5, 7, 9])
    assert read(six, five) == [(N3, "N3.1"), (N2, "N2.3")]


def test_blinks_seen_frontally_are_no_slow_waves(read, epoch):
    eyes = epoch(slow_wave=[1, 3, 5, 7, 9, 11], blink=[1, 3, 5, 7])
    assert read(eyes) == [(W, "W.2")]


def test_r_goes_on_and_reaches_back_over_like_epochs(read, spindle_epoch, quiet_low, rem_epoch):
    assert read(spindle_epoch, quiet_low, rem_epoch, quiet_low) == [
        (N2, "N2.1"),
        (R, "R.2"),
        (R, "R.1"),
        (R, "R.2"),
    ]


@pytest.mark.parametrize("between", [0, 1, 3])
def test_the_eye_movements_that_r_is_entered_with_may_lie_in_like_epochs(
    read, epoch, spindle_epoch, quiet_low, between
):
    one = epoch(low_tone=1.0, rem=[3])
    found = read(spindle_epoch, one, *[quiet_low] * between, one)
    assert [stage for stage, *_ in found[1:]] == [R] * (between + 2)
    assert [rules for stage, *rules in found if rules == ["R.1"]] == [["R.1"], ["R.1"]]


@pytest.mark.parametrize(
    "between",
    [
        {"low_tone": 0.0},
        {"low_tone": 1.0, "k_complex": [5]},
        {"low_tone": 1.0, "slow_wave": [1, 3, 5]},
    ],
    ids=["tone", "K complex", "slow waves"],
)
def test_an_eye_movement_on_the_far_side_of_other_sleep_does_not_count(
    read, epoch, spindle_epoch, between
):
    one = epoch(low_tone=1.0, rem=[3])
    assert R not in [stage for stage, *_ in read(spindle_epoch, one, epoch(**between), one)]
    assert R not in [stage for stage, *_ in read(spindle_epoch, one)]


@pytest.mark.parametrize(("length", "is_r"), [(4, False), (5, True), (9, True)])
def test_a_single_eye_movement_is_enough_in_minutes_like_r(
    read, epoch, spindle_epoch, quiet_low, length, is_r
):
    found = read(spindle_epoch, *[quiet_low] * length, epoch(low_tone=1.0, rem=[3]))
    assert (R in [stage for stage, *_ in found]) is is_r
    no_movement = read(spindle_epoch, *[quiet_low] * (length + 1))
    assert R not in [stage for stage, *_ in no_movement]


def test_a_spindle_beside_as_many_eye_movements_does_not_keep_r_from_being_entered(
    read, epoch, quiet_low
):
    mixed = epoch(low_tone=1.0, rem=[8, 20], spindle=[2, 4])
    assert read(mixed)[0] == (R, "R.1")
    more = epoch(low_tone=1.0, rem=[8, 20], spindle=[2, 4, 6])
    assert read(more)[0][0] is N2


def test_a_chin_that_cannot_be_read_does_not_end_r(read, epoch, rem_epoch):
    unread = replace(epoch(low_tone=None), faults={Derivation.CHIN: (Fault.LOOSE,)})
    assert read(rem_epoch, unread)[1] == (R, "R.2")
    assert read(rem_epoch, epoch(low_tone=0.0))[1][0] is not R


@pytest.mark.parametrize("chin", ["informative", BESIDE_NON_REM])
def test_a_chin_of_which_no_second_is_read_does_not_end_r(read, epoch, rem_epoch, producer, chin):
    night = replace(producer, chin=chin)
    gap = {Derivation.CHIN: (Gap((Fault.FLAT,), 0.0, 15.0),)}
    hidden = replace(epoch(low_tone=None), gaps=gap)
    assert read(rem_epoch, hidden, calibration=night)[1] == (R, "R.2")
    higher = replace(epoch(low_tone=1.0), low_tone_share=None if chin == BESIDE_NON_REM else 0.0)
    assert read(rem_epoch, higher, calibration=night)[1][0] is N1


def test_the_seconds_that_were_measured_for_n3_decide(epoch, signs, producer):
    six = epoch(slow_wave=[1, 3, 5, 7, 9, 11])
    for here, steep_s, stage in ((six, 5.9, N1), (six, None, N3), (epoch(), 6.0, N3)):
        (seen,) = signs(here)
        (decision,) = decide([replace(seen, steep_s=steep_s)], producer)
        assert decision.stage is stage


@pytest.mark.parametrize(
    "ending",
    [
        {"low_tone": 0.0},
        {"low_tone": 1.0, "arousal": [3], "chin_tone": [4]},
        {"low_tone": 1.0, "spindle": [4]},
    ],
    ids=["tone rises", "arousal with tone", "spindle without eye movements"],
)
def test_r_ends(read, epoch, rem_epoch, ending):
    (_, after) = read(rem_epoch, epoch(**ending))
    assert after[0] in (N1, N2)
    assert "R.3" in after


def test_an_arousal_without_a_rise_of_tone_does_not_end_r(read, epoch, rem_epoch):
    assert read(rem_epoch, epoch(low_tone=1.0, arousal=[3]))[1] == (R, "R.2")


def test_r_does_not_reach_back_over_a_sign_of_n2_or_tone(read, epoch, rem_epoch):
    for before in (epoch(low_tone=1.0, spindle=[5]), epoch(low_tone=0.0)):
        assert read(before, rem_epoch)[0][0] is not R


def test_movement_with_alpha_or_between_w_is_w(read, epoch, alpha_epoch, spindle_epoch):
    assert read(epoch(movement=[2], alpha=[21]), spindle_epoch)[0] == (W, "MBM.1")
    assert read(alpha_epoch, epoch(movement=[2]), alpha_epoch)[1] == (W, "MBM.1")


def test_other_movement_takes_the_next_stage_through_a_row_of_them(read, epoch, spindle_epoch):
    hidden = epoch(movement=[2])
    assert [found[0] for found in read(hidden, hidden, spindle_epoch)] == [N2, N2, N2]
    assert read(hidden, hidden, spindle_epoch)[0] == (N2, "MBM.2")


def test_movement_at_the_end_of_the_night_keeps_the_last_stage(read, epoch, spindle_epoch):
    assert read(spindle_epoch, epoch(movement=[2]))[1] == (N2, "MBM.2")
    assert read(epoch(movement=[2])) == [(W, "MBM.2")]


def test_a_hidden_epoch_does_not_end_n2(read, epoch, spindle_epoch):
    assert read(spindle_epoch, epoch(movement=[2]), epoch())[2] == (N2, "N2.2")


def test_the_eeg_alone_decides_w_unless_tone_is_low(epoch, signs, no_chin, producer):
    def read(calibration, awake, *epochs):
        seen = [
            replace(one, eeg_is_awake=is_so)
            for one, is_so in zip(signs(*epochs), awake, strict=True)
        ]
        return [(found.stage, *found.rules) for found in decide(seen, calibration)]

    central = replace(no_chin, makes_alpha=False, missing=(Derivation.O2, Derivation.CHIN))
    spindle = epoch(low_tone=None, spindle=[5])
    assert read(central, [True], spindle) == [(W,)]
    assert read(central, [None], spindle) == [(N2, "N2.1")]
    quiet = epoch(low_tone=None)
    assert read(central, [True, False], quiet, quiet) == [(W,), (N1, "N1.2")]
    assert read(central, [True, None], quiet, quiet) == [(W,), (W,)]
    low = epoch(low_tone=1.0, rem=[3, 5])
    assert read(replace(producer, missing=(Derivation.O2,)), [True], low) == [(R, "R.1")]


@pytest.mark.parametrize(
    ("before", "ending", "rule"),
    [
        ({"low_tone": 1.0, "rem": [3, 5]}, {"spindle": [5]}, "R.3"),
        ({"low_tone": 1.0, "rem": [3, 5]}, {"low_tone": 0.0}, "R.3"),
        ({"spindle": [5]}, {"arousal": [4]}, "N2.4"),
    ],
)
def test_what_a_movement_has_ended_is_not_ended_again(read, epoch, before, ending, rule):
    at_once = read(epoch(**before), epoch(**ending))[1]
    assert rule in at_once
    awake = read(epoch(**before), epoch(movement=[2], alpha=[21]), epoch(**ending))
    assert awake[1] == (W, "MBM.1")
    follows = read(epoch(**before), epoch(movement=[2]), epoch(**ending))
    assert follows[1] == (at_once[0], "MBM.2")
    for decisions in (awake, follows):
        assert decisions[2] == tuple(one for one in at_once if one != rule)
