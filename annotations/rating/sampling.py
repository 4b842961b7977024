"""Choosing which rationales to rate, and in which order each rater meets them. Seeded."""

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import Protocol, TypeVar

T = TypeVar("T")
TRIES = 20
# Design, seed and this version determine every item that is drawn. A change of the code after which
# a seed draws other items raises it.
DRAWING_VERSION = 2
Stratum = tuple[Hashable, ...]


class Place(Protocol):
    """An epoch of a recording that belongs to a stratum."""

    @property
    def recording(self) -> int: ...

    @property
    def epoch(self) -> int: ...

    @property
    def stratum(self) -> Stratum: ...


P = TypeVar("P", bound=Place)


@dataclass(frozen=True)
class Candidate:
    """The rationale of a score that could be rated with the signals of an epoch."""

    score_id: int
    recording: int
    epoch: int
    """The epoch shown: that of the rationale, or in a control item another epoch."""
    stage: str
    """That the words argue for."""
    reference_stage: str | None = None
    is_transition: bool = False

    @property
    def stratum(self) -> Stratum:
        is_correct = None if self.reference_stage is None else self.stage == self.reference_stage
        return self.stage, is_correct, self.is_transition


@dataclass(frozen=True)
class SharedEpoch:
    """An epoch with a rationale of every arm."""

    by_arm: tuple[Candidate, ...]

    @property
    def recording(self) -> int:
        return self.by_arm[0].recording

    @property
    def epoch(self) -> int:
        return self.by_arm[0].epoch

    @property
    def stratum(self) -> Stratum:
        return tuple(candidate.stratum for candidate in self.by_arm)


@dataclass(frozen=True)
class Turn:
    """A place in a rater's queue; `repeat` 1 is the hidden repeat of an item."""

    item: int
    repeat: int


def sample(candidates: Sequence[P], *, count: int, rng: random.Random) -> list[P]:
    """Return up to `count`: strata take turns, and within a stratum its recordings do.

    So every stratum and every recording is there as evenly as the supply allows.
    """
    strata: dict[Stratum, list[P]] = defaultdict(list)
    for candidate in candidates:
        strata[candidate.stratum].append(candidate)
    queues = [_recordings_in_turn(stratum, rng) for stratum in strata.values()]
    rng.shuffle(queues)
    return list(_take_turns(queues))[:count]


def _recordings_in_turn(candidates: Sequence[P], rng: random.Random) -> list[P]:
    nights: dict[int, list[P]] = defaultdict(list)
    for candidate in rng.sample(candidates, len(candidates)):
        nights[candidate.recording].append(candidate)
    queues = list(nights.values())
    # Otherwise a recording would come earlier the more candidates it has.
    rng.shuffle(queues)
    return list(_take_turns(queues))


def inclusion_probabilities(candidates: Sequence[Place], *, count: int) -> list[float]:
    """Return how likely `sample` chooses each candidate, exactly; in the order of `candidates`.

    Queues that take turns in random order give as many of their members as full rounds allow, and
    one more with the same probability for all that have more. So it is with strata, and with the
    recordings of a stratum; within a recording every candidate is as likely as any other. These
    are the first-order inclusion probabilities of Horvitz and Thompson (1952).
    """
    sizes: Counter[tuple[Stratum, int]] = Counter((c.stratum, c.recording) for c in candidates)
    nights: dict[Stratum, list[int]] = defaultdict(list)
    for (stratum, _), size in sizes.items():
        nights[stratum].append(size)
    rounds = _rounds([sum(of_stratum) for of_stratum in nights.values()], count)
    known = {
        (stratum, size): _within(of_stratum, size, rounds)
        for stratum, of_stratum in nights.items()
        for size in set(of_stratum)
    }
    return [known[c.stratum, sizes[c.stratum, c.recording]] for c in candidates]


def _within(nights: Sequence[int], size: int, rounds: tuple[int, float]) -> float:
    """Return the probability of a candidate from a recording with `size` of its stratum."""
    full, share = rounds
    taken = [(1 - share, full), (share, full + 1)]
    return sum(
        chance * _expected(size, _rounds(nights, min(count, sum(nights)))) / size
        for chance, count in taken
        if chance
    )


def _expected(size: int, rounds: tuple[int, float]) -> float:
    full, share = rounds
    return size if size <= full else full + share


def _rounds(sizes: Sequence[int], count: int) -> tuple[int, float]:
    """Return the full rounds in `count` turns, and the share of the rest that gets one more."""
    full = 0
    while longer := sum(size > full for size in sizes):
        if count < longer:
            return full, count / longer
        count, full = count - longer, full + 1
    return full, 0.0


def _take_turns(queues: Sequence[Sequence[T]]) -> Iterator[T]:
    rounds = chain.from_iterable(zip_longest(*queues))
    return (entry for entry in rounds if entry is not None)


def shared_epochs(arms: Sequence[Sequence[Candidate]], *, rng: random.Random) -> list[SharedEpoch]:
    """Return the epochs with a rationale of every arm; of several, an arm gives a random choice."""
    by_place = [
        {
            (candidate.recording, candidate.epoch): candidate
            for candidate in rng.sample(arm, len(arm))
        }
        for arm in arms
    ]
    everywhere = set.intersection(*(set(places) for places in by_place))
    return [SharedEpoch(tuple(arm[place] for arm in by_place)) for place in sorted(everywhere)]


def known_wrong(
    scored: Sequence[Candidate], *, taken: Collection[int], count: int, rng: random.Random
) -> list[Candidate]:
    """Make control items: move rationales to epochs that scoring and reference stage differently.

    Parameters
    ----------
    scored
        Every rateable epoch of the scoring, as it stands.
    taken
        Scores whose rationales are rated as written: a text seen twice would reveal the control.
    count
        How many to try for; fewer come where stages hardly differ.
    """
    donors = [candidate for candidate in scored if candidate.score_id not in taken]
    used: set[int] = set()
    moved = []
    for donor in rng.sample(donors, min(len(donors), count)):
        there = _where_wrong(donor, scored, used, rng)
        if there:
            used.add(there.epoch)
            moved.append(replace(there, score_id=donor.score_id, stage=donor.stage))
    return moved


def _where_wrong(
    donor: Candidate, scored: Sequence[Candidate], used: Collection[int], rng: random.Random
) -> Candidate | None:
    """Find an epoch that has no foreign words yet and where the donor's are wrong."""
    for there in rng.sample(scored, min(TRIES, len(scored))):
        is_wrong = donor.stage not in (there.stage, there.reference_stage)
        if is_wrong and there.epoch not in used:
            return there
    return None


def changes_beside(stages: Mapping[int, str], epoch: int) -> bool:
    """Whether the epoch before or after has another stage; unscored epochs do not count."""
    here = stages.get(epoch)
    return here is not None and any(
        stages.get(beside, here) != here for beside in (epoch - 1, epoch + 1)
    )


def queue_order(items: Iterable[int], *, repeat_percent: int, seed: int, rater: int) -> list[Turn]:
    """Shuffle the items of a rater and hide repeats among the last third.

    Repeats come from the first third, so that at least a third of the queue lies between the
    two looks. The order depends on the seed and the rater alone.
    """
    rng = random.Random(f"{seed}:{rater}")
    known = list(items)
    order = rng.sample(known, len(known))
    third = max(len(order) // 3, 1)
    wanted = min(round(len(order) * repeat_percent / 100), third if len(order) > 1 else 0)
    repeats = [Turn(item, 1) for item in rng.sample(order[:third], wanted)]
    turns = [Turn(item, 0) for item in order]
    tail = [*turns[-third:], *repeats]
    rng.shuffle(tail)
    return [*turns[:-third], *tail]


def spread(few: Sequence[T], *, among: Sequence[T]) -> list[T]:
    """Lay a few among many at equal distances, none of them first or last."""
    pieces = len(few) + 1
    cuts = [len(among) * place // pieces for place in range(pieces + 1)]
    laid = list(among[: cuts[1]])
    for entry, start, end in zip(few, cuts[1:], cuts[2:], strict=False):
        laid += [entry, *among[start:end]]
    return laid
