"""Choosing which rationales to rate, and in which order each rater meets them. Seeded."""

import random
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Candidate:
    """A rationale that could be rated."""

    score_id: int
    source: Hashable
    stage: str


@dataclass(frozen=True)
class Turn:
    """One place in a rater's queue; `repeat` 1 is the second look at an item."""

    item: int
    repeat: int


def sample(candidates: Sequence[Candidate], *, count: int, seed: int) -> list[int]:
    """Return up to `count` score ids: sources take turns, and within a source its stages do.

    So every source and every stage is there as evenly as the supply allows.
    """
    rng = random.Random(seed)
    by_source: dict[Hashable, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for candidate in candidates:
        by_source[candidate.source][candidate.stage].append(candidate.score_id)
    queues = [_shuffled_turns(list(stages.values()), rng) for stages in by_source.values()]
    return list(_take_turns(queues))[:count]


def _shuffled_turns(strata: list[list[int]], rng: random.Random) -> list[int]:
    shuffled = [rng.sample(ids, len(ids)) for ids in strata]
    rng.shuffle(shuffled)
    return list(_take_turns(shuffled))


def _take_turns(queues: Sequence[Sequence[T]]) -> Iterator[T]:
    rounds = chain.from_iterable(zip_longest(*queues))
    return (one for one in rounds if one is not None)


def queue_order(items: Sequence[int], *, repeat_percent: int, seed: int, rater: int) -> list[Turn]:
    """Shuffle one rater's items and hide repeats among the last third.

    Repeats come from the first third, so that at least a third of the queue lies between the
    two looks. The order depends on the seed and the rater alone.
    """
    rng = random.Random(f"{seed}:{rater}")
    order = rng.sample(list(items), len(items))
    third = max(len(order) // 3, 1)
    wanted = min(round(len(order) * repeat_percent / 100), third if len(order) > 1 else 0)
    repeats = [Turn(item, 1) for item in rng.sample(order[:third], wanted)]
    turns = [Turn(item, 0) for item in order]
    tail = [*turns[-third:], *repeats]
    rng.shuffle(tail)
    return [*turns[:-third], *tail]
