"""What a rating study found. Sources appear only once the study was unblinded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Any

from annotations.models import Rating, RatingItem, RatingSlot, RatingStudy
from annotations.models.rating import DIMENSIONS
from annotations.queries.rating_words import DIMENSION_WORDS
from studies.models import User

LEVELS = range(1, 6)
WORST_SHOWN = 10


@dataclass(frozen=True)
class Summary:
    """Scores of one dimension; mean and median are None where there are none."""

    dimension: str
    counts: list[int]

    @property
    def title(self) -> str:
        return DIMENSION_WORDS[self.dimension].title

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        return fmean(self._scores) if self.n else None

    @property
    def median(self) -> float | None:
        return median(self._scores) if self.n else None

    @property
    def _scores(self) -> list[int]:
        return [
            level for level, count in zip(LEVELS, self.counts, strict=True) for _ in range(count)
        ]


@dataclass(frozen=True)
class Group:
    """A set of ratings that belong together: all of them, or those of one source."""

    label: str
    kind: str
    items: int
    ratings: int
    cannot_judge: int
    summaries: list[Summary]


@dataclass(frozen=True)
class RaterProgress:
    rater: User
    done: int
    total: int


@dataclass(frozen=True)
class Repeats:
    """How a rater's second look compares with the first, over all dimensions."""

    pairs: int
    same: int
    within_one: int


@dataclass(frozen=True)
class ItemResult:
    """One item with the mean of its scores, for the list of the lowest."""

    item: RatingItem
    mean: float
    n: int
    comments: list[str]
    source: str


@dataclass(frozen=True)
class Results:
    rating_study: RatingStudy
    overall: Group
    sources: list[Group]
    progress: list[RaterProgress]
    repeats: Repeats
    lowest: list[ItemResult] = field(default_factory=list)

    def chart(self) -> list[dict[str, Any]]:
        """Return the counts that the histograms draw."""
        groups = self.sources or [self.overall]
        return [
            {
                "dimension": DIMENSION_WORDS[name].title,
                "groups": [
                    {"label": group.label, "counts": group.summaries[place].counts}
                    for group in groups
                ],
            }
            for place, name in enumerate(DIMENSIONS)
        ]


def results_of(rating_study: RatingStudy) -> Results:
    """Compute the results from the complete ratings of first looks."""
    slots = list(
        RatingSlot.objects.filter(
            item__rating_study=rating_study, item__phase=RatingItem.Phase.MAIN
        )
        .select_related("item__source__scoring__scorer", "item__recording", "rater", "rating")
        .order_by("place")
    )
    rated = [slot for slot in slots if _is_complete(slot)]
    first = [slot for slot in rated if slot.repeat == 0]
    is_unblinded = rating_study.unblinded_at is not None
    return Results(
        rating_study=rating_study,
        overall=_group("All sources", "", first),
        sources=_by_source(first) if is_unblinded else [],
        progress=_progress(slots),
        repeats=_repeats(rated),
        lowest=_lowest(first, with_source=is_unblinded),
    )


def _is_complete(slot: RatingSlot) -> bool:
    rating = getattr(slot, "rating", None)
    return rating is not None and rating.complete


def _group(label: str, kind: str, slots: Sequence[RatingSlot]) -> Group:
    judged = [slot.rating for slot in slots if not slot.rating.cannot_judge]
    return Group(
        label=label,
        kind=kind,
        items=len({slot.item_id for slot in slots}),
        ratings=len(slots),
        cannot_judge=len(slots) - len(judged),
        summaries=[Summary(name, _counts(judged, name)) for name in DIMENSIONS],
    )


def _counts(ratings: Iterable[Rating], name: str) -> list[int]:
    scores = [getattr(rating, name) for rating in ratings]
    return [scores.count(level) for level in LEVELS]


def _by_source(slots: Sequence[RatingSlot]) -> list[Group]:
    scorers = {slot.item.source.scoring.scorer for slot in slots}
    return [
        _group(
            scorer.label,
            scorer.get_kind_display(),
            [slot for slot in slots if slot.item.source.scoring.scorer_id == scorer.pk],
        )
        for scorer in sorted(scorers, key=lambda s: (s.kind, s.label))
    ]


def _progress(slots: Sequence[RatingSlot]) -> list[RaterProgress]:
    raters = sorted({slot.rater for slot in slots}, key=str)
    return [
        RaterProgress(
            rater=rater,
            done=sum(_is_complete(slot) for slot in slots if slot.rater_id == rater.pk),
            total=sum(slot.rater_id == rater.pk for slot in slots),
        )
        for rater in raters
    ]


def _repeats(rated: Sequence[RatingSlot]) -> Repeats:
    first = {(s.rater_id, s.item_id): s.rating for s in rated if s.repeat == 0}
    second = [(first.get((s.rater_id, s.item_id)), s.rating) for s in rated if s.repeat]
    steps = [
        abs(getattr(one, name) - getattr(two, name))
        for one, two in second
        if one and not one.cannot_judge and not two.cannot_judge
        for name in DIMENSIONS
    ]
    return Repeats(
        pairs=len(steps),
        same=sum(step == 0 for step in steps),
        within_one=sum(step <= 1 for step in steps),
    )


def _lowest(slots: Sequence[RatingSlot], *, with_source: bool) -> list[ItemResult]:
    by_item: dict[RatingItem, list[Rating]] = {}
    for slot in slots:
        if not slot.rating.cannot_judge:
            by_item.setdefault(slot.item, []).append(slot.rating)
    found = [
        ItemResult(
            item=item,
            mean=fmean(getattr(rating, name) for rating in ratings for name in DIMENSIONS),
            n=len(ratings),
            comments=[rating.comment for rating in ratings if rating.comment],
            source=item.source.scoring.scorer.label if with_source else "",
        )
        for item, ratings in by_item.items()
    ]
    return sorted(found, key=lambda result: result.mean)[:WORST_SHOWN]
