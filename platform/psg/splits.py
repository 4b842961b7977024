"""Splits of subjects into parts such as train and test, each with the stages of the whole."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

# Exchanges that are tried for each subject; 60 subjects are level long before.
TRIES_A_SUBJECT = 60


def split_subjects(
    stage_counts: Mapping[str, Sequence[int]], shares: Mapping[str, float], *, seed: int
) -> dict[str, str]:
    """Give every subject a part.

    Parts get numbers of subjects in proportion to their shares. Subjects begin in a random
    order, then pairs drawn at random change places wherever that brings the stage counts of
    the parts nearer to their shares of the whole.

    Parameters
    ----------
    stage_counts : mapping of subject to counts, each of shape (n_stages,)
    shares : mapping of part to its share, > 0; they need not add up to 1
    seed : int
        The same seed gives the same split.

    Returns
    -------
    dict of subject to part, in the order of subjects' names

    Raises
    ------
    ValueError
        When there are more parts than subjects, or no part.
    """
    subjects = sorted(stage_counts)
    sizes = part_sizes(len(subjects), shares)
    rng = random.Random(seed)
    order = subjects[:]
    rng.shuffle(order)
    places = [part for part, size in sizes.items() for _ in range(size)]
    counts = np.array([stage_counts[subject] for subject in order], dtype=float)
    _level(places, counts, shares, rng)
    part_of = dict(zip(order, places, strict=True))
    return {subject: part_of[subject] for subject in subjects}


def part_sizes(count: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Return how many of `count` subjects each part gets: at least 1, then by largest rest."""
    if not shares or count < len(shares):
        raise ValueError(f"{count} subject(s) cannot fill {len(shares)} parts")
    spare = count - len(shares)
    total = sum(shares.values())
    exact = {part: max(count * share / total - 1, 0.0) for part, share in shares.items()}
    scale = spare / sum(exact.values()) if sum(exact.values()) else 0.0
    exact = {part: value * scale for part, value in exact.items()}
    sizes = {part: 1 + int(value) for part, value in exact.items()}
    by_rest = sorted(shares, key=lambda part: int(exact[part]) - exact[part])
    for part in by_rest[: count - sum(sizes.values())]:
        sizes[part] += 1
    return sizes


def leaks(parts: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the subjects that are in several parts, with those parts."""
    parts_of: dict[str, set[str]] = {}
    for subject, part in parts:
        parts_of.setdefault(subject, set()).add(part)
    return {subject: sorted(its) for subject, its in sorted(parts_of.items()) if len(its) > 1}


def _level(
    places: list[str], counts: NDArray[np.float64], shares: Mapping[str, float], rng: random.Random
) -> None:
    """Exchange places until the tries are used up; `places` is changed."""
    whole = np.maximum(counts.sum(axis=0), 1.0)
    scaled = counts / whole
    share_sum = sum(shares.values())
    has_any = (counts.sum(axis=0) > 0).astype(float)
    # How far each part is above its share, stage by stage.
    excess = {part: -has_any * share / share_sum for part, share in shares.items()}
    for place, row in zip(places, scaled, strict=True):
        excess[place] = excess[place] + row
    for _ in range(TRIES_A_SUBJECT * len(places)):
        a, b = rng.randrange(len(places)), rng.randrange(len(places))
        if places[a] == places[b]:
            continue
        moved = scaled[b] - scaled[a]
        new_a, new_b = excess[places[a]] + moved, excess[places[b]] - moved
        before = (excess[places[a]] ** 2).sum() + (excess[places[b]] ** 2).sum()
        if (new_a**2).sum() + (new_b**2).sum() < before - 1e-12:
            excess[places[a]], excess[places[b]] = new_a, new_b
            places[a], places[b] = places[b], places[a]
