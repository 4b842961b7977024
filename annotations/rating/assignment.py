"""What an assignment of raters is worth: loads, pairs that meet, and whether all are linked."""

import random
from collections import deque
from collections.abc import Collection, Hashable, Sequence
from itertools import combinations

Block = tuple[int, ...]
"""The raters of an item, ascending, as places 0 to rater_count - 1."""


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

    Otherwise strict raters cannot be distinguished from poor items.
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


# Who rates which item: an incomplete block design, as balanced as its bounds allow. Seeded.
#
# Items are blocks of raters. Every item gets its number of raters, loads differ by 1 at most (by
# as little as possible where raters may not rate what they wrote), each pair of raters meets on as
# equal a number of items as the search finds, and each rater gets the arms in equal parts.


PAIRS_OVER_GROUPS = 8
PROPOSALS_A_PLACE = 30
MOST_PROPOSALS = 30_000
STARTS = 4


class TooFewRatersError(Exception):
    """Some items have fewer raters who may rate them than they need."""

    def __init__(self, items: Sequence[int]) -> None:
        super().__init__(f"{len(items)} items have too few raters")
        self.items = items


def assign_raters(
    *,
    rater_count: int,
    raters_per_item: int,
    blocked: Sequence[Collection[int]],
    groups: Sequence[Hashable] | None = None,
    seed: int,
) -> list[Block]:
    """Give every item its raters.

    Parameters
    ----------
    blocked
        For each item, the raters (0 to rater_count - 1) who may not rate it.
    groups
        For each item what it is to be balanced over, such as its arm.

    Returns
    -------
    For each item its raters, ascending

    Raises
    ------
    TooFewRatersError
    """
    short = [n for n, out in enumerate(blocked) if rater_count - len(set(out)) < raters_per_item]
    if short or raters_per_item < 1:
        raise TooFewRatersError(short)
    best: _Table | None = None
    for start in range(STARTS):
        rng = random.Random(f"{seed}:{start}")
        table = _Table(rater_count, raters_per_item, blocked, groups or [0] * len(blocked))
        table.fill(rng)
        table.level()
        table.polish(rng)
        if best is None or table.cost < best.cost:
            best = table
        if best.cost <= best.least_cost:
            break
    assert best is not None
    return [tuple(sorted(block)) for block in best.blocks]


class _Table:
    """A design in the making, with the counts that say how good it is."""

    def __init__(
        self,
        rater_count: int,
        raters_per_item: int,
        blocked: Sequence[Collection[int]],
        groups: Sequence[Hashable],
    ) -> None:
        self._raters = range(rater_count)
        self._size = raters_per_item
        self._allowed = [[r for r in self._raters if r not in set(out)] for out in blocked]
        places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
        self._group = [places[group] for group in groups]
        self._loads = [0] * rater_count
        self._in_group = [[0] * rater_count for _ in places]
        self._pairs = [[0] * rater_count for _ in self._raters]
        self.blocks: list[set[int]] = [set() for _ in blocked]

    @property
    def cost(self) -> int:
        """Sum of squared counts: the smaller, the more equal they are."""
        pairs = sum(count**2 for row in self._pairs for count in row) // 2
        in_groups = sum(count**2 for row in self._in_group for count in row)
        return PAIRS_OVER_GROUPS * pairs + in_groups

    @property
    def least_cost(self) -> int:
        """The cost if all counts were equal, or differed by 1 where they cannot be equal."""
        count = len(self._raters)
        pairs = len(self.blocks) * self._size * (self._size - 1) // 2
        least = PAIRS_OVER_GROUPS * _least_squares(pairs, count * (count - 1) // 2)
        return least + sum(_least_squares(sum(row), count) for row in self._in_group)

    def fill(self, rng: random.Random) -> None:
        """Give each item the raters with the least to do, who met each other least."""
        for item in rng.sample(range(len(self.blocks)), len(self.blocks)):
            while len(self.blocks[item]) < self._size:
                free = [r for r in self._allowed[item] if r not in self.blocks[item]]
                rng.shuffle(free)
                self._add(item, min(free, key=lambda rater: self._burden(item, rater)))

    def _burden(self, item: int, rater: int) -> tuple[int, int, int]:
        met = sum(self._pairs[rater][other] for other in self.blocks[item])
        return self._loads[rater], self._in_group[self._group[item]][rater], met

    def level(self) -> None:
        """Hand items on along chains of raters until no chain makes the loads more equal.

        Then they are as equal as can be (optimal semi-matchings, Harvey et al. 2006).
        """
        while any(self._hand_on(rater) for rater in self._by_load()):
            pass

    def _by_load(self) -> list[int]:
        return sorted(self._raters, key=lambda rater: -self._loads[rater])

    def _hand_on(self, start: int) -> bool:
        """Move an item away from `start`, if a chain ends at a rater with two items fewer."""
        came: dict[int, tuple[int, int]] = {}
        waiting = deque([start])
        while waiting:
            giver = waiting.popleft()
            for item, block in enumerate(self.blocks):
                if giver not in block:
                    continue
                for taker in self._allowed[item]:
                    if taker in block or taker in came or taker == start:
                        continue
                    came[taker] = (giver, item)
                    if self._loads[taker] <= self._loads[start] - 2:
                        self._follow_back(came, taker, start)
                        return True
                    waiting.append(taker)
        return False

    def _follow_back(self, came: dict[int, tuple[int, int]], end: int, start: int) -> None:
        taker = end
        while taker != start:
            giver, item = came[taker]
            self._replace(item, giver, taker)
            taker = giver

    def polish(self, rng: random.Random) -> None:
        """Try random exchanges that keep the loads level, and keep those that cost no more."""
        if not self.blocks or self._size == len(self._raters):
            return
        proposals = PROPOSALS_A_PLACE * len(self.blocks) * self._size
        cost, least = self.cost, self.least_cost
        for _ in range(min(proposals, MOST_PROPOSALS)):
            if cost <= least:
                return
            cost += self._exchange(rng)

    def _exchange(self, rng: random.Random) -> int:
        """Let two raters change places; return what it changed the cost by, 0 if taken back."""
        item = rng.randrange(len(self.blocks))
        leaves = rng.choice(list(self.blocks[item]))
        comes = rng.choice(self._allowed[item])
        if comes in self.blocks[item]:
            return 0
        moves = [(item, leaves, comes)]
        if self._loads[leaves] != self._loads[comes] + 1:
            other = rng.randrange(len(self.blocks))
            block = self.blocks[other]
            if comes not in block or leaves in block or leaves not in self._allowed[other]:
                return 0
            moves.append((other, comes, leaves))
        change = sum(self._replace(*move) for move in moves)
        if change > 0:
            for where, old, new in reversed(moves):
                self._replace(where, new, old)
            return 0
        return change

    def _replace(self, item: int, old: int, new: int) -> int:
        return self._remove(item, old) + self._add(item, new)

    def _add(self, item: int, rater: int) -> int:
        change = self._count(item, rater, 1)
        self.blocks[item].add(rater)
        return change

    def _remove(self, item: int, rater: int) -> int:
        self.blocks[item].remove(rater)
        return self._count(item, rater, -1)

    def _count(self, item: int, rater: int, step: int) -> int:
        """Count the rater in or out among the others of the item; return the change of cost."""
        self._loads[rater] += step
        row = self._in_group[self._group[item]]
        row[rater] += step
        change = 2 * step * row[rater] - 1
        for other in self.blocks[item]:
            self._pairs[rater][other] += step
            self._pairs[other][rater] += step
            change += PAIRS_OVER_GROUPS * (2 * step * self._pairs[rater][other] - 1)
        return change


def _least_squares(total: int, cells: int) -> int:
    if not cells:
        return 0
    low, rest = divmod(total, cells)
    return (cells - rest) * low**2 + rest * (low + 1) ** 2
