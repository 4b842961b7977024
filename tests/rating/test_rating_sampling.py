"""Which rationales are rated, and in which order."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from annotations.rating.sampling import (
    Candidate,
    changes_beside,
    inclusion_probabilities,
    known_wrong,
    queue_order,
    sample,
    shared_epochs,
)

STAGES = ["W"] * 40 + ["N1"] * 3 + ["N2"] * 30 + ["N3"] * 20 + ["R"] * 7
CANDIDATES = [
    Candidate(100 * night + n, recording=night, epoch=n, stage=stage, reference_stage="N2")
    for night in (1, 2, 3)
    for n, stage in enumerate(STAGES)
]


def drawn(count: int, seed: int) -> list[Candidate]:
    return sample(CANDIDATES, count=count, rng=random.Random(seed))


def test_strata_and_nights_are_there_as_evenly_as_they_can():
    picked = drawn(60, seed=1)
    stages = Counter(c.stage for c in picked)
    assert stages["N1"] == 9  # all there are
    assert max(stages.values()) - min(stages[s] for s in ("W", "N2", "N3", "R")) <= 1
    for stage in ("W", "N2", "N3", "R"):
        nights = Counter(c.recording for c in picked if c.stage == stage)
        assert max(nights.values()) - min(nights.values()) <= 1


def test_wrong_stages_and_transitions_are_strata_of_their_own():
    plain = [Candidate(n, 1, n, "N2", "N2") for n in range(50)]
    rare = [replace(plain[0], score_id=60, reference_stage="R")]
    beside = [replace(plain[0], score_id=61, is_transition=True)]
    picked = sample([*plain, *rare, *beside], count=3, rng=random.Random(0))
    assert {c.stratum for c in picked} == {
        ("N2", True, False),
        ("N2", False, False),
        ("N2", True, True),
    }


def test_the_seed_decides_the_sample():
    assert drawn(30, seed=4) == drawn(30, seed=4)
    assert drawn(30, seed=4) != drawn(30, seed=5)


def test_no_rationale_is_drawn_twice_and_no_more_than_there_are():
    picked = drawn(10_000, seed=2)
    assert len(picked) == len(set(picked)) == len(CANDIDATES)


@pytest.mark.parametrize("seed", range(5))
def test_controls_are_wrong_by_scoring_and_reference_and_use_no_text_twice(seed):
    scored = [
        Candidate(n, 1, n, stage, reference_stage=STAGES[-1 - n]) for n, stage in enumerate(STAGES)
    ]
    taken = {1, 2, 3}
    moved = known_wrong(scored, taken=taken, count=100, rng=random.Random(seed))
    assert len(moved) > 40
    for one in moved:
        there = scored[one.epoch]
        assert one.stage == scored[one.score_id].stage
        assert one.stage not in (there.stage, there.reference_stage)
        assert one.reference_stage == there.reference_stage
    assert not taken & {one.score_id for one in moved}
    assert len({one.score_id for one in moved}) == len({one.epoch for one in moved}) == len(moved)


def test_a_night_of_one_stage_has_no_control():
    scored = [Candidate(n, 1, n, "N2") for n in range(9)]
    assert known_wrong(scored, taken=set(), count=9, rng=random.Random(0)) == []


@pytest.mark.parametrize(
    ("epoch", "expected"), [(0, False), (1, True), (2, True), (4, False), (6, True)]
)
def test_a_transition_is_an_epoch_beside_another_stage(epoch, expected):
    assert changes_beside({0: "W", 1: "W", 2: "N1", 5: "N2", 7: "R", 6: "N3"}, epoch) == expected


def test_each_rater_has_an_order_of_their_own_that_the_seed_repeats():
    items = list(range(40))
    first = queue_order(items, repeat_percent=10, seed=3, rater=1)
    assert first == queue_order(items, repeat_percent=10, seed=3, rater=1)
    assert first != queue_order(items, repeat_percent=10, seed=3, rater=2)
    assert sorted(turn.item for turn in first if turn.repeat == 0) == items


@pytest.mark.parametrize("seed", range(20))
def test_repeats_come_a_third_of_the_queue_later(seed):
    turns = queue_order(list(range(40)), repeat_percent=10, seed=seed, rater=1)
    place = {(turn.item, turn.repeat): n for n, turn in enumerate(turns)}
    repeated = [turn.item for turn in turns if turn.repeat]
    assert len(repeated) == 4
    assert all(place[item, 1] - place[item, 0] >= 13 for item in repeated)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_handful_of_items_still_makes_a_queue(count):
    turns = queue_order(list(range(count)), repeat_percent=30, seed=1, rater=1)
    assert sorted({turn.item for turn in turns}) == list(range(count))


def test_shared_epochs_are_those_of_all_arms_with_one_text_of_each():
    chance = random.Random(3)
    one = [Candidate(n, 1, n, "N2") for n in range(6)]
    two = [Candidate(100 + n, 1, n, "W") for n in range(3, 9)]
    pooled = [*two, Candidate(200, 1, 4, "R"), Candidate(201, 2, 4, "R")]
    shared = shared_epochs([one, pooled], rng=chance)
    assert [(s.recording, s.epoch) for s in shared] == [(1, 3), (1, 4), (1, 5)]
    assert all({c.epoch for c in s.by_arm} == {s.epoch} for s in shared)
    seen = {shared_epochs([one, pooled], rng=chance)[1].by_arm[1].score_id for _ in range(40)}
    assert seen == {104, 200}


LOPSIDED = [
    Candidate(1000 * night + n, recording=night, epoch=n, stage=stage)
    for night, stages in ((1, "W" * 9 + "N" * 2), (2, "W" + "N" * 4), (3, "N" * 7), (4, "R" * 3))
    for n, stage in enumerate(stages)
]


@pytest.mark.parametrize("count", [1, 2, 5, 9, 20, len(LOPSIDED), 99])
def test_inclusion_probabilities_are_how_often_candidates_are_drawn(count):
    likely = inclusion_probabilities(LOPSIDED, count=count)
    draws = 3000
    times = Counter(
        candidate
        for seed in range(draws)
        for candidate in sample(LOPSIDED, count=count, rng=random.Random(seed))
    )
    assert sum(likely) == pytest.approx(min(count, len(LOPSIDED)))
    for candidate, probability in zip(LOPSIDED, likely, strict=True):
        assert 0 < probability <= 1
        error = (probability * (1 - probability) / draws) ** 0.5
        assert abs(times[candidate] / draws - probability) <= 4.5 * error + 1e-9


def test_without_candidates_there_are_no_probabilities():
    assert inclusion_probabilities([], count=5) == []
