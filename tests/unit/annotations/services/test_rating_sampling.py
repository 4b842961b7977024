"""Which rationales are rated, and in which order."""

from collections import Counter

import pytest

from annotations.services.rating_sampling import Candidate, queue_order, sample

STAGES = ["W"] * 40 + ["N1"] * 3 + ["N2"] * 30 + ["N3"] * 20 + ["R"] * 7
CANDIDATES = [
    Candidate(100 * source + n, source, stage)
    for source in (1, 2, 3)
    for n, stage in enumerate(STAGES)
]
BY_ID = {candidate.score_id: candidate for candidate in CANDIDATES}


def test_sources_and_stages_are_there_as_evenly_as_they_can():
    picked = [BY_ID[pk] for pk in sample(CANDIDATES, count=60, seed=1)]
    assert Counter(c.source for c in picked) == {1: 20, 2: 20, 3: 20}
    stages = Counter(c.stage for c in picked)
    assert stages["N1"] == 9  # all there are
    assert max(stages[s] for s in ("W", "N2", "N3", "R")) <= 15


def test_the_seed_decides_the_sample():
    assert sample(CANDIDATES, count=30, seed=4) == sample(CANDIDATES, count=30, seed=4)
    assert sample(CANDIDATES, count=30, seed=4) != sample(CANDIDATES, count=30, seed=5)


def test_no_rationale_is_drawn_twice_and_no_more_than_there_are():
    picked = sample(CANDIDATES, count=10_000, seed=2)
    assert len(picked) == len(set(picked)) == len(CANDIDATES)


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
