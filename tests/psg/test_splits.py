import random

import pytest

from psg.splits import leaks, part_sizes, split_subjects

SHARES = {"train": 70.0, "validation": 15.0, "test": 15.0}


def nights(count: int) -> dict[str, list[int]]:
    rng = random.Random(5)
    return {f"s{n:02}": [rng.randrange(50, 400) for _ in range(5)] for n in range(count)}


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    counts = nights(20)
    assert split_subjects(counts, SHARES, seed=4) == split_subjects(counts, SHARES, seed=4)
    assert split_subjects(counts, SHARES, seed=4) != split_subjects(counts, SHARES, seed=5)


def test_the_order_in_which_subjects_come_does_not_matter():
    counts = nights(20)
    turned = dict(reversed(counts.items()))
    assert split_subjects(turned, SHARES, seed=4) == split_subjects(counts, SHARES, seed=4)


def test_parts_hold_the_stages_of_the_whole_better_than_chance():
    counts = nights(40)

    def worst(part_of: dict[str, str]) -> float:
        whole = [sum(row[stage] for row in counts.values()) for stage in range(5)]
        sizes = part_sizes(40, SHARES)
        return max(
            abs(
                sum(counts[s][stage] for s, its in part_of.items() if its == part) / whole[stage]
                - sizes[part] / 40
            )
            for part in SHARES
            for stage in range(5)
        )

    order = sorted(counts)
    random.Random(1).shuffle(order)
    places = [part for part, size in part_sizes(40, SHARES).items() for _ in range(size)]
    by_chance = dict(zip(order, places, strict=True))
    assert worst(split_subjects(counts, SHARES, seed=1)) < worst(by_chance) / 3


@pytest.mark.parametrize("count", [3, 4, 7, 20, 62])
def test_every_subject_has_a_place_and_no_part_is_empty(count):
    sizes = part_sizes(count, SHARES)
    assert sum(sizes.values()) == count
    assert min(sizes.values()) >= 1


def test_fewer_subjects_than_parts_cannot_be_split():
    with pytest.raises(ValueError, match="2 subject"):
        split_subjects(nights(2), SHARES, seed=1)


def test_a_subject_in_two_parts_is_found():
    assert leaks([("a", "train"), ("b", "test"), ("a", "test"), ("a", "train")]) == {
        "a": ["test", "train"]
    }
    assert leaks([("a", "train"), ("a", "train"), ("b", "test")]) == {}
