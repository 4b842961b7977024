"""Whether raters change while they rate: against their co-raters, themselves, and the gold.

A rater's deviation on an item is the mean, over the dimensions scored, of own score minus that
of the others who rated it. Items are of mixed quality and come in an order of each rater's own,
so the mean deviation of a stretch of the queue estimates severity there, and a change between
stretches is drift. Intervals are of means over items (Student's t; Welch for a difference).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, variance
from typing import Final

from scipy.stats import t

from annotations.rating.models import DIMENSIONS, RatingArm, RatingItem, RatingSlot, RatingStudy
from studies.models import User

# Fewer items than this in a stretch say nothing that an interval would not make look firmer.
FEWEST: Final = 8
COVERAGE: Final = 0.95
STRETCHES: Final = ("first", "middle", "last")


@dataclass(frozen=True)
class Mean:
    """A mean with its interval; the interval is None below two values."""

    n: int
    mean: float | None
    half_width: float | None

    @property
    def low(self) -> float | None:
        return None if self.mean is None or self.half_width is None else self.mean - self.half_width

    @property
    def high(self) -> float | None:
        return None if self.mean is None or self.half_width is None else self.mean + self.half_width

    @property
    def excludes_zero(self) -> bool:
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


@dataclass(frozen=True)
class Drift:
    """Change of the scores of a rater over the rated part of the queue."""

    rater: User
    stretches: list[Mean]
    """Deviation from the co-raters in the first, middle and last third of what is rated."""
    change: Mean
    """Last third less first third."""
    repeats: Mean
    """Second look less first look at the same item."""
    gold: Mean
    """Deviation from the gold on calibration items met again in the main round."""

    @property
    def is_enough(self) -> bool:
        return min(self.stretches[0].n, self.stretches[-1].n) >= FEWEST

    @property
    def is_drifting(self) -> bool:
        return self.is_enough and self.change.excludes_zero

    @property
    def words(self) -> str:
        if not self.is_enough:
            return f"not assessed: {FEWEST} items in each third are needed"
        assert self.change.mean is not None
        if self.is_drifting:
            way = "more lenient" if self.change.mean > 0 else "stricter"
            return f"{way} by {abs(self.change.mean):.2f} than at the start"
        return f"no drift detected; up to {self._largest:.2f} points cannot be excluded"

    @property
    def _largest(self) -> float:
        return max(abs(self.change.low or 0.0), abs(self.change.high or 0.0))


def drift_of(rating_study: RatingStudy) -> list[Drift]:
    """Return the drift of every rater who has rated something of the main round."""
    slots = _judged(rating_study)
    by_item: dict[int, list[RatingSlot]] = defaultdict(list)
    by_rater: dict[User, list[RatingSlot]] = defaultdict(list)
    for slot in slots:
        by_rater[slot.rater].append(slot)
        if slot.repeat == 0:
            by_item[slot.item_id].append(slot)
    return [
        _drift(rater, own, by_item)
        for rater, own in sorted(by_rater.items(), key=lambda r: str(r[0]))
    ]


def _judged(rating_study: RatingStudy) -> list[RatingSlot]:
    slots = RatingSlot.objects.filter(
        item__rating_study=rating_study, rating__complete=True, rating__cannot_judge=False
    )
    if rating_study.unblinded_at:  # before, a smaller number would tell which items these are
        # Calibration items stay: the reference scores know which of them are wrong.
        slots = slots.exclude(
            item__arm__kind=RatingArm.Kind.CONTROL, item__phase=RatingItem.Phase.MAIN
        )
    return list(slots.select_related("item__gold", "rater", "rating").order_by("place"))


def _drift(rater: User, slots: Sequence[RatingSlot], by_item: dict[int, list[RatingSlot]]) -> Drift:
    main = [slot for slot in slots if slot.item.phase == RatingItem.Phase.MAIN]
    first = {slot.item_id: slot for slot in slots if slot.repeat == 0}
    deviations = [
        deviation
        for slot in main
        if slot.repeat == 0 and (deviation := _from_others(slot, by_item[slot.item_id])) is not None
    ]
    third = len(deviations) // 3
    thirds = [deviations[:third], deviations[third : len(deviations) - third], deviations[-third:]]
    if not third:
        thirds = [[], deviations, []]
    return Drift(
        rater=rater,
        stretches=[mean_of(values) for values in thirds],
        change=difference(thirds[-1], thirds[0]),
        repeats=mean_of(
            _step(first[slot.item_id], slot)
            for slot in main
            if slot.repeat and slot.item_id in first
        ),
        gold=mean_of(_from_gold(slot) for slot in slots if _is_gold_again(slot)),
    )


def _is_gold_again(slot: RatingSlot) -> bool:
    return slot.repeat > 0 and slot.item.phase == RatingItem.Phase.CALIBRATION


def _from_others(slot: RatingSlot, rated: Iterable[RatingSlot]) -> float | None:
    others = [other for other in rated if other.rater_id != slot.rater_id]
    return fmean(_step(other, slot) for other in others) if others else None


def _step(before: RatingSlot, after: RatingSlot) -> float:
    return fmean(getattr(after.rating, name) - getattr(before.rating, name) for name in DIMENSIONS)


def _from_gold(slot: RatingSlot) -> float:
    gold = slot.item.gold.given_scores
    return fmean(getattr(slot.rating, name) - score for name, score in gold.items())


def mean_of(values: Iterable[float]) -> Mean:
    """Return the mean with its interval by Student's t."""
    given = list(values)
    if len(given) < 2:
        return Mean(len(given), fmean(given) if given else None, None)
    error = (variance(given) / len(given)) ** 0.5
    return Mean(len(given), fmean(given), _quantile(len(given) - 1) * error)


def difference(after: Sequence[float], before: Sequence[float]) -> Mean:
    """Return the difference of two means with its interval by Welch's t."""
    n = len(after) + len(before)
    if not after or not before:
        return Mean(n, None, None)
    mean = fmean(after) - fmean(before)
    if len(after) < 2 or len(before) < 2:
        return Mean(n, mean, None)
    parts = [variance(values) / len(values) for values in (after, before)]
    if not sum(parts):
        return Mean(n, mean, 0.0)
    sizes = [len(after) - 1, len(before) - 1]
    freedom = sum(parts) ** 2 / sum(p**2 / size for p, size in zip(parts, sizes, strict=True))
    return Mean(n, mean, _quantile(freedom) * sum(parts) ** 0.5)


def _quantile(freedom: float) -> float:
    return float(t.ppf((1 + COVERAGE) / 2, freedom))
