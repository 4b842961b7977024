"""The rule by which a majority settles epochs, without a database."""

import numpy as np
import pytest

from annotations.adjudication.majority import (
    MajorityRule,
    Outcome,
    Standing,
    Stays,
    Votes,
    apply_rule,
    examples,
)
from psg.stages import STAGES

CODE = {stage.value[-1]: code for code, stage in enumerate(STAGES)} | {".": -1}


def votes(*epochs: str, models: tuple[int, ...] = (), flagged: tuple[int, ...] = ()) -> Votes:
    """Votes from a word an epoch, a character a side: the last of the stage, or a point."""
    codes = np.array([[CODE[letter] for letter in epoch] for epoch in epochs], dtype=np.int8)
    places = np.arange(codes.shape[1])
    return Votes(codes, np.isin(places, models), np.isin(np.arange(len(codes)), flagged))


def standing(of: Votes, settled: str = "", reopened: tuple[int, ...] = ()) -> Standing:
    """What stands: a character an epoch, a space where it is open."""
    count = len(of.codes)
    stages = settled.ljust(count)
    codes = np.array([CODE.get(letter, -1) for letter in stages], dtype=np.int8)
    is_open = np.array([letter == " " for letter in stages])
    return Standing(codes, is_open, np.isin(np.arange(count), reopened))


def outcome(rule: MajorityRule, of: Votes, settled: str = "", **more: tuple[int, ...]) -> Outcome:
    return apply_rule(rule, of, standing(of, settled, **more))


ANYWHERE = {"beside_transitions": True, "where_flagged": True}


@pytest.mark.parametrize(
    ("epoch", "percent", "stage"),
    [
        ("2223", 75, "N2"),
        ("2223", 76, None),
        ("222222222333", 75, "N2"),
        ("222222223333", 75, None),
        ("222222223333", 66, "N2"),
        ("2233", 51, None),
        ("WWWWWWWWWWWR", 92, None),  # 11 of 12 are 91.67 %
        ("WWWWWWWWWWWR", 91, "W"),
        ("222.", 75, "N2"),
        ("22..", 51, None),  # a scoring without a stage counts against the majority
        ("RRR", 100, "R"),
    ],
)
def test_the_share_of_all_voting_scorings_decides(epoch, percent, stage):
    done = outcome(MajorityRule(percent=percent, least_sides=2, **ANYWHERE), votes(epoch))
    assert done.settles == ({0: stage} if stage else {})
    assert done.stays == ({} if stage else {0: Stays.SPLIT})


def test_too_few_scorings_with_a_stage_settle_nothing():
    of = votes("22.", "222", "...")
    done = outcome(MajorityRule(percent=60, least_sides=3, **ANYWHERE), of)
    assert done.settles == {1: "N2"}
    assert done.stays == {0: Stays.FEW, 2: Stays.FEW}


def test_models_vote_only_where_the_rule_says_so():
    of = votes("2233", "2333", models=(3,))
    without = MajorityRule(percent=60, least_sides=2, with_models=False, **ANYWHERE)
    assert outcome(without, of).settles == {0: "N2", 1: "N3"}
    both = MajorityRule(percent=60, least_sides=2, with_models=True, **ANYWHERE)
    assert outcome(both, of).settles == {1: "N3"}


def test_where_only_models_scored_nobody_votes():
    of = votes("22", models=(0, 1))
    assert outcome(MajorityRule(least_sides=2, **ANYWHERE), of).stays == {0: Stays.FEW}


def test_flagged_epochs_stay_unless_the_rule_takes_them():
    of = votes("2222", "2223", flagged=(1,))
    rule = MajorityRule(beside_transitions=True)
    assert outcome(rule, of).stays == {1: Stays.FLAGGED}
    assert outcome(MajorityRule(**ANYWHERE), of).stays == {}


def test_both_sides_of_a_transition_of_the_consensus_stay():
    of = votes("2223", "2223", "2223", "3332", "3332", "3332")
    done = outcome(MajorityRule(), of)
    assert done.settles == {0: "N2", 1: "N2", 4: "N3", 5: "N3"}
    assert done.stays == {2: Stays.TRANSITION, 3: Stays.TRANSITION}


def test_a_settled_neighbour_counts_with_its_settled_stage():
    of = votes("2222", "2223", "2222")
    assert outcome(MajorityRule(), of, "2 2").settles == {1: "N2"}
    assert outcome(MajorityRule(), of, "R 2").stays == {1: Stays.TRANSITION}
    # Where all left an epoch without a stage there is no transition to see.
    assert outcome(MajorityRule(), of, ". 2").settles == {1: "N2"}


def test_beside_two_equally_frequent_stages_there_may_be_a_transition():
    of = votes("2223", "2233", "2223", "2223")
    done = outcome(MajorityRule(), of)
    assert done.settles == {3: "N2"}
    assert done.stays == {0: Stays.TRANSITION, 1: Stays.SPLIT, 2: Stays.TRANSITION}


def test_what_is_settled_or_was_withdrawn_by_hand_is_left_alone():
    of = votes("2223", "2223", "2223")
    done = outcome(MajorityRule(), of, "2", reopened=(1,))
    assert done.settles == {2: "N2"}
    assert done.stays == {1: Stays.REOPENED}


def test_every_open_epoch_is_counted_once():
    letters = np.random.default_rng(3).choice(list("W123R."), size=(300, 12), p=[0.1] * 5 + [0.5])
    of = votes(*map("".join, letters), flagged=(3, 40))
    done = outcome(MajorityRule(percent=51, least_sides=4), of, "W2 " * 50)
    assert len(done.settles) + len(done.stays) == 200
    assert sum(done.by_stage.values()) == len(done.settles)
    assert sum(done.by_reason.values()) == len(done.stays)


def test_a_rule_says_in_words_what_it_does():
    assert MajorityRule(percent=75, least_sides=6).words == (
        "Stage of at least 75 % of the scorings, without models, of which at least 6 have a stage;"
        " not beside transitions; not where flagged unsure or artefact."
    )
    assert "models included" in MajorityRule(with_models=True, **ANYWHERE).words


@pytest.mark.parametrize(
    ("count", "chosen"), [(0, []), (3, [0, 1, 2]), (9, [1, 4, 7]), (100, [16, 50, 83])]
)
def test_examples_are_spread_over_the_night(count, chosen):
    assert examples(range(count), 3) == chosen
