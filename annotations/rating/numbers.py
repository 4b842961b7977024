"""Numbers of a rating study and the rows in which its results give them."""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotations.rating.groups import ARM, Group, groups_of, mask_of, open_ways
from annotations.rating.table import RatingTable, TableItem, TableRater
from annotations.rating.words import DIMENSION_WORDS, MeasureWords
from psg.agreement import Interval
from psg.ratings import Draws, Noticed, RatedItems, StudyStatistics, study_statistics

MIXED_MISSING = "Shown after unblinding, because control items cannot be left out before."


@dataclass(frozen=True)
class Number:
    """A value with its interval; None where there is none, and `missing` says why."""

    value: float | None
    low: float | None = None
    high: float | None = None
    subjects: int = 0
    missing: str = ""

    @classmethod
    def of(cls, interval: Interval, *, missing: str) -> "Number":
        value = defined(interval.value)
        return cls(
            value=value,
            low=defined(interval.low),
            high=defined(interval.high),
            subjects=interval.subjects,
            missing="" if value is not None else missing,
        )

    @property
    def is_withheld(self) -> bool:
        """Whether there will be a number after unblinding."""
        return self.missing == MIXED_MISSING

    @property
    def words(self) -> str:
        """The number as a paper has it."""
        if self.value is None:
            return "not available"
        if self.low is None or self.high is None:
            return f"{self.value:.2f}"
        return f"{self.value:.2f} (95% CI {self.low:.2f} to {self.high:.2f})"


def defined(value: float) -> float | None:
    return None if math.isnan(value) else value


def p_text(p: float | None) -> str:
    """A p value in a table."""
    if p is None:
        return "none"
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def p_words(p: float | None) -> str:
    """A p value as a paper has it, with its sign."""
    if p is None:
        return "p not available"
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


# The rows of a rating study's results: plain values, as page and downloads read them.


@dataclass(frozen=True)
class ScoreCell:
    """The scores of a group in a dimension."""

    dimension: str
    n: int
    mean: Number
    median: float | None
    counts: tuple[int, ...]
    population: Number
    """The mean that is expected of all rationales from which the items were drawn."""

    @property
    def title(self) -> str:
        return DIMENSION_WORDS[self.dimension].title


@dataclass(frozen=True)
class ScoreResult:
    """Scores of a group; `ratings` includes ratings "cannot judge"."""

    group: Group
    items: int
    recordings: int
    ratings: int
    cannot_judge: int
    cells: tuple[ScoreCell, ...]


@dataclass(frozen=True)
class MeasureResult:
    """A measure, a number for each dimension."""

    words: MeasureWords
    cells: tuple[Number, ...]


@dataclass(frozen=True)
class AgreementPart:
    """Agreement of raters on a group of items."""

    group: Group
    rows: tuple[MeasureResult, ...]


@dataclass(frozen=True)
class RaterRow:
    """A rater: progress, severity by dimension, repeatability over all dimensions.

    Counts of second looks are None where they are not shown; `repeats_missing` says why.
    """

    rater: TableRater
    ratings: int
    cannot_judge: int
    offsets: tuple[Number, ...]
    repeat_scores: int | None
    repeats_same: int | None
    repeats_within_one: int | None
    repeats_missing: str = ""


@dataclass(frozen=True)
class DifferenceRow:
    """The difference of two arms in a dimension, first minus second."""

    first: Group
    second: Group
    dimension: str
    unit: str
    pairs: int
    difference: Number
    p: float | None
    p_holm: float | None
    population: Number
    """The difference between all rationales from which the items of the arms were drawn."""

    @property
    def title(self) -> str:
        return DIMENSION_WORDS[self.dimension].title

    @property
    def p_text(self) -> str:
        return p_text(self.p)

    @property
    def p_holm_text(self) -> str:
        return p_text(self.p_holm)

    @property
    def holds(self) -> bool:
        """Whether the difference is significant at 5 % after Holm's correction."""
        return self.p_holm is not None and self.p_holm < 0.05


@dataclass(frozen=True)
class ControlRow:
    """Items as written beside control items: a dimension, or the share of low scores."""

    title: str
    written: Number
    control: Number
    difference: Number


@dataclass(frozen=True)
class NoticeRow:
    """A rater, or all raters, and how many control items they noticed."""

    name: str
    rater: str
    """The key of the rater for the query of items; empty for all."""
    noticed: Noticed


@dataclass(frozen=True)
class SpreadRow:
    """An item that raters disagree on, with the scores of each."""

    item: TableItem
    ranges: tuple[float | None, ...]
    scores: tuple[tuple[str, tuple[int, ...] | None], ...]
    comments: tuple[str, ...]


# Statistics of a rating study, computed anew whenever a rating or a group has changed.
#
# What was computed is kept under a digest of everything that it rests on, not under the study: a
# number can be missing from memory, but never be stale.


REPLICATES = 1000
STUDIES_KEPT = 16


@dataclass(frozen=True)
class Question:
    """What is computed. Two questions are equal when the bytes of all they rest on are."""

    digest: str
    items: RatedItems = field(compare=False)
    groups: Mapping[str, Mapping[str, NDArray[np.bool_]]] = field(compare=False)
    draws: Draws = field(compare=False)
    is_control: NDArray[np.bool_] = field(compare=False)


def statistics_of(table: RatingTable, *, seed: int) -> StudyStatistics:
    """Return all statistics of the ratings; arms are compared only where they may be known."""
    groups = {
        way.name: {group.key: mask_of(table, group) for group in groups_of(table, way)}
        for way in open_ways(table)
    }
    return _answer(_question(table.block, groups, Draws(REPLICATES, seed), table.is_control))


def _question(
    items: RatedItems,
    groups: Mapping[str, Mapping[str, NDArray[np.bool_]]],
    draws: Draws,
    is_control: NDArray[np.bool_],
) -> Question:
    digest = hashlib.sha256(f"{draws.replicates} {draws.seed}".encode())
    masks = {f"{way} {key}": mask for way, some in groups.items() for key, mask in some.items()}
    block = {each.name: getattr(items, each.name) for each in fields(items)}
    for name, array in {**block, **masks, "control": is_control}.items():
        digest.update(f"\n{name} {array.shape} ".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return Question(digest.hexdigest(), items, groups, draws, is_control)


@lru_cache(maxsize=STUDIES_KEPT)
def _answer(question: Question) -> StudyStatistics:
    arms = {
        name: mask
        for name, mask in question.groups.get(ARM, {}).items()
        if not (mask & question.is_control).any()
    }
    return study_statistics(
        question.items, question.groups, arms, question.draws, question.is_control
    )
