"""Who rates which item: every promise of the assignment, over designs of any shape."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations.rating.assignment import (
    TooFewRatersError,
    assign_raters,
    is_connected,
    loads_of,
    pair_counts,
)


@st.composite
def designs(draw: st.DrawFn) -> dict:
    raters = draw(st.integers(1, 8))
    items = draw(st.integers(1, 30))
    return {
        "rater_count": raters,
        "raters_per_item": draw(st.integers(1, raters)),
        "blocked": [()] * items,
        "groups": draw(st.lists(st.integers(0, 2), min_size=items, max_size=items)),
        "seed": draw(st.integers(0, 99)),
    }


def spread(counts) -> int:
    return max(counts) - min(counts)


@settings(max_examples=30, deadline=None)
@given(designs())
def test_every_item_has_its_raters_and_loads_differ_by_one_at_most(design):
    blocks = assign_raters(**design)
    assert len(blocks) == len(design["blocked"])
    assert {len(set(block)) for block in blocks} == {design["raters_per_item"]}
    assert spread(loads_of(blocks, design["rater_count"])) <= 1
    assert blocks == assign_raters(**design)


@pytest.mark.parametrize(
    ("raters", "each", "items"),
    [
        (4, 2, 60),
        (5, 2, 60),
        (5, 3, 60),
        (6, 3, 60),
        (6, 2, 45),
        (7, 3, 70),
        (8, 4, 70),
        (5, 5, 20),
    ],
)
def test_pairs_of_raters_meet_equally_often_where_they_can(raters, each, items):
    """Designs in which equal numbers for all pairs exist, or numbers that are one apart."""
    blocks = assign_raters(rater_count=raters, raters_per_item=each, blocked=[()] * items, seed=5)
    assert spread(pair_counts(blocks, raters).values()) <= 1
    assert is_connected(blocks, raters)


def test_arms_are_shared_out_equally_to_every_rater():
    groups = ["experts"] * 27 + ["model"] * 27 + ["control"] * 6
    blocks = assign_raters(
        rater_count=6, raters_per_item=3, blocked=[()] * 60, groups=groups, seed=2
    )
    for arm, wanted in (("experts", 27 * 3 / 6), ("model", 27 * 3 / 6), ("control", 3)):
        loads = loads_of([b for b, g in zip(blocks, groups, strict=True) if g == arm], 6)
        assert all(abs(load - wanted) <= 1 for load in loads), (arm, loads)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_nobody_rates_what_they_wrote_and_loads_stay_as_level_as_can_be(data):
    raters = data.draw(st.integers(3, 6))
    writers = data.draw(st.lists(st.integers(-1, raters - 1), min_size=6, max_size=30))
    blocked = [() if writer < 0 else (writer,) for writer in writers]
    blocks = assign_raters(
        rater_count=raters, raters_per_item=2, blocked=blocked, seed=data.draw(st.integers(0, 9))
    )
    assert all(not set(out) & set(block) for out, block in zip(blocked, blocks, strict=True))
    loads = loads_of(blocks, raters)
    written = Counter(writers)
    for rater, load in enumerate(loads):
        has_all_they_may = load == len(blocks) - written[rater]
        assert has_all_they_may or load >= max(loads) - 1


def test_items_that_their_writers_alone_could_rate_are_refused():
    with pytest.raises(TooFewRatersError) as refused:
        assign_raters(rater_count=2, raters_per_item=2, blocked=[(), (0,), ()], seed=0)
    assert refused.value.items == [1]


def test_raters_without_a_common_item_are_not_linked():
    assert is_connected([(0, 1), (1, 2)], 3)
    assert not is_connected([(0, 1), (2, 3)], 4)
    assert not is_connected([(0,), (1,)], 2)
    assert is_connected([(0,)], 1)
