"""The results of a rating study, for its page, its downloads and its methods text.

All results come from a table that contains arms and references only after unblinding, so the
results of a blind study cannot reveal them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from annotations.rating.facts import Facts
from annotations.rating.groups import (
    ARM,
    AS_WRITTEN,
    EVERYTHING,
    MIXED,
    WAYS,
    Group,
    Way,
    groups_of,
    open_ways,
)
from annotations.rating.items import WITHOUT
from annotations.rating.models import DIMENSIONS, RatingArm, RatingStudy
from annotations.rating.numbers import (
    MIXED_MISSING,
    REPLICATES,
    AgreementPart,
    ControlRow,
    DifferenceRow,
    MeasureResult,
    NoticeRow,
    Number,
    RaterRow,
    ScoreCell,
    ScoreResult,
    SpreadRow,
    defined,
    statistics_of,
)
from annotations.rating.population import Population
from annotations.rating.table import RatingTable, TableRater, TableRating, read_ratings
from annotations.rating.words import AGREEMENT, DIMENSION_WORDS, REPEATS, MeasureWords
from psg.agreement import Interval
from psg.agreement.bootstrap import UNDEFINED
from psg.ratings import ArmDifference, GroupScores, StudyStatistics
from psg.ratings.controls import LOW

LOW_TITLE = f"Share of ratings with a score of {LOW} or less"
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
    def low(self) -> int:
        """The highest score that says a rationale has an error that matters."""
        return LOW

    @property
    def replicates(self) -> int:
        return REPLICATES

    @property
    def controls_words(self) -> str:
        """Say where known-wrong controls count; nothing where the study has none."""
        if self.table.controls:
            return (
                f"{self.table.controls} of all items are control items. They test raters, are "
                "reported on their own, and count in no other number."
            )
        if self.mixes_controls:
            return (
                "The items include control items, which are reported separately after unblinding."
            )
        return ""

    @property
    def mixes_controls(self) -> bool:
        """Whether control items are among the numbers, because the study is still blind."""
        return self.table.is_blind and self.has_controls

    @property
    def without_controls(self) -> str:
        """What a query of items needs to leave control items out; empty where none is known."""
        return f"&controls={WITHOUT}" if self.table.controls else ""

    @property
    def everything(self) -> Group:
        """What `overall` is about."""
        if self.mixes_controls:
            return MIXED
        return AS_WRITTEN if self.has_controls else EVERYTHING

    @property
    def dimensions(self) -> list[str]:
        return [DIMENSION_WORDS[name].title for name in DIMENSIONS]

    @cached_property
    def ways(self) -> list[Way]:
        return open_ways(self.table)

    @cached_property
    def overall(self) -> ScoreResult:
        return self._score_row(self.everything, self.statistics.overall)

    def groups(self, way: str) -> list[ScoreResult]:
        """Return the rows of a way to divide the items; none while the way is hidden."""
        scores = self.statistics.groups.get(way, {})
        return [self._score_row(group, scores[group.key]) for group in self._named(way)]

    @cached_property
    def agreement(self) -> list[AgreementPart]:
        """Agreement on items as written, and on those of each arm where arms are known."""
        if self.mixes_controls:
            return []
        parts = [(self.everything, self.statistics.agreement)]
        arms = self.statistics.agreement_of_arms
        parts += [(group, arms[group.key]) for group in self._named(ARM) if group.key in arms]
        missing = self.facts.agreement_missing
        return [
            AgreementPart(group, tuple(_measure_rows(AGREEMENT, measures, missing)))
            for group, measures in parts
        ]

    @property
    def reliability_missing(self) -> str:
        """Why there is no agreement of raters at all."""
        if self.mixes_controls:
            return MIXED_MISSING
        if self.facts.raters < 2 or not self.facts.shared_items:
            return self.facts.agreement_missing
        return ""

    @property
    def repeats_missing(self) -> str:
        """Why second looks are not compared with first ones."""
        if not self.facts.repeats_compared:
            return self.facts.repeats_missing
        return MIXED_MISSING if self.mixes_controls else ""

    @property
    def severity_missing(self) -> str:
        """Why raters have no severity, where they have none."""
        return MIXED_MISSING if self.mixes_controls else self.facts.severity_missing

    @property
    def agreement_gaps(self) -> bool:
        """Whether a measure of agreement is missing somewhere."""
        return any(n.value is None for part in self.agreement for r in part.rows for n in r.cells)

    @cached_property
    def repeats(self) -> list[MeasureResult]:
        if self.mixes_controls:
            return []
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

    @cached_property
    def population(self) -> Population:
        return Population(self.rating_study, self.table)

    @cached_property
    def controls(self) -> list[ControlRow]:
        """Control items beside items as written: each dimension, then the share of low scores."""
        found = self.statistics.controls
        if found is None:
            return []
        contrasts = [*found.dimensions, found.share_low]
        missing = "no rating yet"
        return [
            ControlRow(
                title,
                *(
                    Number.of(number, missing=missing)
                    for number in (contrast.written, contrast.control, contrast.difference)
                ),
            )
            for title, contrast in zip([*self.dimensions, LOW_TITLE], contrasts, strict=True)
        ]

    @cached_property
    def notices(self) -> list[NoticeRow]:
        """How many control items each rater noticed, and all together."""
        found = self.statistics.controls
        if found is None:
            return []
        rows = [
            NoticeRow(rater.name, str(rater.pk), noticed)
            for rater, noticed in zip(self.table.raters, found.raters, strict=True)
        ]
        return [*rows, NoticeRow("All raters", "", found.together)]

    def widest(self, count: int) -> list[SpreadRow]:
        """Return the items on which raters are furthest apart; none where all agree."""
        apart = [spread for spread in self.statistics.spread if spread.widest > 0]
        return [self._spread_row(spread.item, spread.ranges) for spread in apart[:count]]

    def _named(self, way: str) -> list[Group]:
        return groups_of(self.table, WAYS[way]) if WAYS[way] in self.ways else []

    def _score_row(self, group: Group, scores: GroupScores) -> ScoreResult:
        missing = "every rating is “cannot judge”" if scores.ratings else "no rating yet"
        of_group = self.population.missing_of(group) if group.way else self.population.missing
        cells = tuple(
            ScoreCell(
                dimension=name,
                n=of_dimension.n,
                mean=Number.of(of_dimension.mean, missing=missing),
                median=defined(of_dimension.median),
                counts=of_dimension.counts,
                population=Number.of(of_dimension.population, missing=of_group or "no rating yet"),
            )
            for name, of_dimension in zip(DIMENSIONS, scores.dimensions, strict=True)
        )
        return ScoreResult(
            group, scores.items, scores.recordings, scores.ratings, scores.cannot_judge, cells
        )

    def _rater_row(self, place: int, rater: TableRater) -> RaterRow:
        mine = [r for r in self._written_ratings if r.rater == place and r.look == 0]
        looks = [of_dimension.by_rater[place] for of_dimension in self.statistics.repeats]
        counts: list[int | None] = [sum(column) for column in zip(*looks, strict=True)]
        pairs, same, within_one = [None] * 3 if self.mixes_controls else counts
        return RaterRow(
            rater=rater,
            ratings=len(mine),
            cannot_judge=sum(rating.scores is None for rating in mine),
            offsets=tuple(
                Number.of(
                    UNDEFINED if self.mixes_controls else of_dimension[place],
                    missing=self.severity_missing,
                )
                for of_dimension in self.statistics.severity
            ),
            repeat_scores=pairs,
            repeats_same=same,
            repeats_within_one=within_one,
            repeats_missing=MIXED_MISSING if self.mixes_controls else "",
        )

    @cached_property
    def _written_ratings(self) -> list[TableRating]:
        items = self.table.items
        return [rating for rating in self.table.ratings if not items[rating.item].is_control]

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
            population=Number.of(
                difference.population,
                missing=self.population.missing_of(
                    names[difference.first], names[difference.second]
                )
                or "the arms have no comparable raters",
            ),
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
