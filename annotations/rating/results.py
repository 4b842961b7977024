"""The results of a rating study, for its page, its downloads and its methods text.

All results come from a table that contains arms and references only after unblinding, so the
results of a blind study cannot reveal them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from annotations.rating.models import DIMENSIONS, RatingArm, RatingStudy
from annotations.rating.numbers import (
    REPLICATES,
    AgreementPart,
    DifferenceRow,
    Facts,
    MeasureResult,
    Number,
    RaterRow,
    ScoreCell,
    ScoreResult,
    SpreadRow,
    defined,
    statistics_of,
)
from annotations.rating.table import (
    ARM,
    WAYS,
    Group,
    RatingTable,
    TableRater,
    Way,
    groups_of,
    open_ways,
    read_ratings,
)
from annotations.rating.words import AGREEMENT, DIMENSION_WORDS, REPEATS, MeasureWords
from psg.agreement import Interval
from psg.ratings import ArmDifference, GroupScores, StudyStatistics

EVERYTHING = Group("", "", "All items")
SINGLE_ARM = "This study has only one arm, so arms cannot be compared."
STILL_BLIND = "Arms are compared after unblinding."


@dataclass(frozen=True)
class Results:
    """All results of a rating study; each part is computed at its first use."""

    rating_study: RatingStudy
    table: RatingTable
    facts: Facts
    statistics: StudyStatistics
    has_controls: bool

    @property
    def replicates(self) -> int:
        return REPLICATES

    @property
    def controls_words(self) -> str:
        """Say where known-wrong controls count; nothing where the study has none."""
        if self.table.controls:
            return (
                f"{self.table.controls} of all items are control items. They count by arm "
                "and in all items, but in no other group."
            )
        if self.table.is_blind and self.has_controls:
            return (
                "The items include control items, which are reported separately after unblinding."
            )
        return ""

    @property
    def dimensions(self) -> list[str]:
        return [DIMENSION_WORDS[name].title for name in DIMENSIONS]

    @cached_property
    def ways(self) -> list[Way]:
        return open_ways(self.table)

    @cached_property
    def overall(self) -> ScoreResult:
        return self._score_row(EVERYTHING, self.statistics.overall)

    def groups(self, way: str) -> list[ScoreResult]:
        """Return the rows of a way to divide the items; none while the way is hidden."""
        scores = self.statistics.groups.get(way, {})
        return [self._score_row(group, scores[group.key]) for group in self._named(way)]

    @cached_property
    def agreement(self) -> list[AgreementPart]:
        """Agreement on all items, and on those of each arm where arms are known."""
        parts = [(EVERYTHING, self.statistics.agreement)]
        arms = self.statistics.agreement_of_arms
        parts += [(group, arms[group.key]) for group in self._named(ARM)]
        missing = self.facts.agreement_missing
        return [
            AgreementPart(group, tuple(_measure_rows(AGREEMENT, measures, missing)))
            for group, measures in parts
        ]

    @property
    def agreement_gaps(self) -> bool:
        """Whether a measure of agreement is missing somewhere."""
        return any(n.value is None for part in self.agreement for r in part.rows for n in r.cells)

    @cached_property
    def repeats(self) -> list[MeasureResult]:
        measures = [of_dimension.measures for of_dimension in self.statistics.repeats]
        return list(_measure_rows(REPEATS, measures, self.facts.repeats_missing))

    @cached_property
    def raters(self) -> list[RaterRow]:
        return [self._rater_row(place, rater) for place, rater in enumerate(self.table.raters)]

    @cached_property
    def differences(self) -> list[DifferenceRow]:
        names = {group.key: group for group in self._named(ARM)}
        return [
            self._difference_row(difference, names) for difference in self.statistics.differences
        ]

    @property
    def differences_missing(self) -> str:
        if self.differences:
            return ""
        return STILL_BLIND if self.table.is_blind else SINGLE_ARM

    def widest(self, count: int) -> list[SpreadRow]:
        """Return the items on which raters are furthest apart; none where all agree."""
        apart = [spread for spread in self.statistics.spread if spread.widest > 0]
        return [self._spread_row(spread.item, spread.ranges) for spread in apart[:count]]

    def _named(self, way: str) -> list[Group]:
        return groups_of(self.table, WAYS[way]) if WAYS[way] in self.ways else []

    def _score_row(self, group: Group, scores: GroupScores) -> ScoreResult:
        missing = "every rating is “cannot judge”" if scores.ratings else "no rating yet"
        cells = tuple(
            ScoreCell(
                dimension=name,
                n=of_dimension.n,
                mean=Number.of(of_dimension.mean, missing=missing),
                median=defined(of_dimension.median),
                counts=of_dimension.counts,
            )
            for name, of_dimension in zip(DIMENSIONS, scores.dimensions, strict=True)
        )
        return ScoreResult(
            group, scores.items, scores.recordings, scores.ratings, scores.cannot_judge, cells
        )

    def _rater_row(self, place: int, rater: TableRater) -> RaterRow:
        mine = [r for r in self.table.ratings if r.rater == place and r.look == 0]
        looks = [of_dimension.by_rater[place] for of_dimension in self.statistics.repeats]
        pairs, same, within_one = (sum(column) for column in zip(*looks, strict=True))
        return RaterRow(
            rater=rater,
            ratings=len(mine),
            cannot_judge=sum(rating.scores is None for rating in mine),
            offsets=tuple(
                Number.of(of_dimension[place], missing=self.facts.severity_missing)
                for of_dimension in self.statistics.severity
            ),
            repeat_scores=pairs,
            repeats_same=same,
            repeats_within_one=within_one,
        )

    def _difference_row(self, difference: ArmDifference, names: dict[str, Group]) -> DifferenceRow:
        missing = "no recording has both arms rated by comparable raters"
        return DifferenceRow(
            first=names[difference.first],
            second=names[difference.second],
            dimension=DIMENSIONS[difference.dimension],
            unit=difference.unit,
            pairs=difference.pairs,
            difference=Number.of(difference.difference, missing=missing),
            p=defined(difference.p),
            p_holm=defined(difference.p_holm),
        )

    def _spread_row(self, item: int, ranges: Sequence[float]) -> SpreadRow:
        given = [r for r in self.table.ratings if r.item == item and r.look == 0]
        return SpreadRow(
            item=self.table.items[item],
            ranges=tuple(defined(width) for width in ranges),
            scores=tuple((self.table.raters[r.rater].name, r.scores) for r in given),
            comments=tuple(r.comment for r in given if r.comment),
        )


def results_of(rating_study: RatingStudy) -> Results:
    """Compute the results from the complete ratings of the main round, as they are now."""
    table = read_ratings(rating_study)
    return Results(
        rating_study=rating_study,
        table=table,
        facts=Facts.of(table),
        statistics=statistics_of(table, seed=rating_study.seed),
        has_controls=rating_study.arms.filter(kind=RatingArm.Kind.CONTROL).exists(),
    )


def _measure_rows(
    words: Sequence[MeasureWords], measures: Sequence[Mapping[str, Interval]], missing: str
) -> Iterator[MeasureResult]:
    for measure in words:
        cells = (
            Number.of(of_dimension[measure.name], missing=missing) for of_dimension in measures
        )
        yield MeasureResult(measure, tuple(cells))
