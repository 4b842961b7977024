"""What an assignment of raters is worth: loads, pairs that meet, and whether all are linked."""

from collections.abc import Sequence
from itertools import combinations

Block = tuple[int, ...]
"""The raters of one item, ascending, as places 0 to rater_count - 1."""


def loads_of(blocks: Sequence[Block], rater_count: int) -> list[int]:
    """Count the items of each rater."""
    return [sum(rater in block for block in blocks) for rater in range(rater_count)]


def pair_counts(blocks: Sequence[Block], rater_count: int) -> dict[tuple[int, int], int]:
    """Count the items that each pair of raters shares."""
    counts = dict.fromkeys(combinations(range(rater_count), 2), 0)
    for block in blocks:
        for pair in combinations(block, 2):
            counts[pair] += 1
    return counts


def is_connected(blocks: Sequence[Block], rater_count: int) -> bool:
    """Whether every rater can be compared with every other, through raters they share items with.

    Otherwise a harsh group of raters cannot be told from a poor group of items.
    """
    linked = {pair for pair, count in pair_counts(blocks, rater_count).items() if count}
    reached, waiting = {0}, [0]
    while waiting:
        here = waiting.pop()
        for pair in linked:
            if here in pair:
                other = sum(pair) - here
                if other not in reached:
                    reached.add(other)
                    waiting.append(other)
    return len(reached) >= rater_count
