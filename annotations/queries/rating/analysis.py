"""Statistics of a rating study, computed anew whenever a rating or a group has changed.

What was computed is kept under a digest of everything that it rests on, not under the study: a
number can be missing from memory, but never be stale.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotations.queries.rating.groups import ARM, groups_of, mask_of, open_ways
from annotations.queries.rating.table import RatingTable
from psg.ratings import Draws, RatedItems, StudyStatistics, study_statistics

REPLICATES = 1000
STUDIES_KEPT = 16


@dataclass(frozen=True)
class Question:
    """What is computed. Two questions are equal when the bytes of all they rest on are."""

    digest: str
    items: RatedItems = field(compare=False)
    groups: Mapping[str, Mapping[str, NDArray[np.bool_]]] = field(compare=False)
    draws: Draws = field(compare=False)


def statistics_of(table: RatingTable, *, seed: int) -> StudyStatistics:
    """Return all statistics of the ratings; arms are compared only where they may be known."""
    groups = {
        way.name: {group.key: mask_of(table, group) for group in groups_of(table, way)}
        for way in open_ways(table)
    }
    return _answer(_question(table.block, groups, Draws(REPLICATES, seed)))


def _question(
    items: RatedItems, groups: Mapping[str, Mapping[str, NDArray[np.bool_]]], draws: Draws
) -> Question:
    digest = hashlib.sha256(f"{draws.replicates} {draws.seed}".encode())
    masks = {f"{way} {key}": mask for way, some in groups.items() for key, mask in some.items()}
    block = {each.name: getattr(items, each.name) for each in fields(items)}
    for name, array in {**block, **masks}.items():
        digest.update(f"\n{name} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return Question(digest.hexdigest(), items, groups, draws)


@lru_cache(maxsize=STUDIES_KEPT)
def _answer(question: Question) -> StudyStatistics:
    arms = question.groups.get(ARM, {})
    return study_statistics(question.items, question.groups, arms, question.draws)
