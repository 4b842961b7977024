"""The rows of a rating study's results: plain values, as page and downloads read them."""

from dataclasses import dataclass

from annotations.queries.rating.groups import Group
from annotations.queries.rating.measures import MeasureWords
from annotations.queries.rating.numbers import Number, p_text
from annotations.queries.rating.table import TableItem, TableRater
from annotations.queries.rating.words import DIMENSION_WORDS


@dataclass(frozen=True)
class ScoreCell:
    """One dimension of one group."""

    dimension: str
    n: int
    mean: Number
    median: float | None
    counts: tuple[int, ...]

    @property
    def title(self) -> str:
        return DIMENSION_WORDS[self.dimension].title


@dataclass(frozen=True)
class ScoreRow:
    """Scores of one group; `ratings` counts those that could not judge as well."""

    group: Group
    items: int
    recordings: int
    ratings: int
    cannot_judge: int
    cells: tuple[ScoreCell, ...]


@dataclass(frozen=True)
class MeasureRow:
    """One measure, a number for each dimension."""

    words: MeasureWords
    cells: tuple[Number, ...]


@dataclass(frozen=True)
class AgreementPart:
    """Agreement of raters on one group of items."""

    group: Group
    rows: tuple[MeasureRow, ...]


@dataclass(frozen=True)
class RaterRow:
    """One rater: how far, how severe by dimension, how steady over all dimensions."""

    rater: TableRater
    ratings: int
    cannot_judge: int
    offsets: tuple[Number, ...]
    repeat_scores: int
    repeats_same: int
    repeats_within_one: int


@dataclass(frozen=True)
class DifferenceRow:
    """Two arms in one dimension, first less second."""

    first: Group
    second: Group
    dimension: str
    unit: str
    pairs: int
    difference: Number
    p: float | None
    p_holm: float | None

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
        """Whether the difference is told from chance after Holm's correction, at 5 percent."""
        return self.p_holm is not None and self.p_holm < 0.05


@dataclass(frozen=True)
class SpreadRow:
    """One item that raters disagree on, with what each of them gave."""

    item: TableItem
    ranges: tuple[float | None, ...]
    scores: tuple[tuple[str, tuple[int, ...] | None], ...]
    comments: tuple[str, ...]
