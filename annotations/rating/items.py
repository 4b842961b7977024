"""The items behind a number: what was asked for, and each item with all that was said of it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import fmean
from typing import Final
from urllib.parse import urlencode

from annotations.rating.models import DIMENSIONS
from annotations.rating.table import WAYS, Group, RatingTable, TableItem, TableRating, open_ways

Ratings = Sequence[TableRating]
LOWEST, WIDEST, CODE = "lowest", "widest", "code"
ORDERS: Final = {LOWEST: "Lowest scores first", WIDEST: "Largest disagreement first", CODE: "Code"}


@dataclass(frozen=True)
class ItemFilter:
    """What a number counts. Empty means that it does not matter.

    `arms` asks for the epochs that two arms share, or with `unit` recording for the recordings.
    """

    item: str = ""
    arm: str = ""
    stage: str = ""
    rule: str = ""
    reference: str = ""
    place: str = ""
    rater: str = ""
    dimension: str = ""
    score: str = ""
    cannot_judge: str = ""
    repeated: str = ""
    arms: str = ""
    unit: str = ""
    order: str = LOWEST

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "ItemFilter":
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in asked.items() if name in known and value})

    @property
    def query(self) -> str:
        """As it stands in an address, without what is empty."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return urlencode({k: v for k, v in values.items() if v and (k, v) != ("order", LOWEST)})


def filter_of(group: Group) -> ItemFilter:
    """Return what asks for the items of one group."""
    return ItemFilter.of({group.way: group.key}) if group.way else ItemFilter()


@dataclass(frozen=True)
class RatedItem:
    """One item with all its ratings, first looks first."""

    item: TableItem
    ratings: tuple[tuple[str, TableRating], ...]
    mean: float | None
    widest: int | None


def items_behind(table: RatingTable, asked: ItemFilter) -> list[RatedItem]:
    """Return the rated items that fit, in the order asked for.

    A question about arms or references finds nothing while the study is blind.
    """
    by_item: dict[int, list[TableRating]] = defaultdict(list)
    for rating in table.ratings:
        by_item[rating.item].append(rating)
    fits = _fitting(table, asked)
    found = [
        _rated(table, item, by_item[place])
        for place, item in enumerate(table.items)
        if by_item[place] and fits(item, by_item[place])
    ]
    return sorted(found, key=_ORDERS.get(asked.order, _ORDERS[LOWEST]))


def _fitting(table: RatingTable, asked: ItemFilter) -> Callable[[TableItem, Ratings], bool]:
    ways = {way.name for way in open_ways(table)}
    wanted = {name: getattr(asked, name) for name in WAYS if getattr(asked, name)}
    shared = _shared_items(table, asked) if asked.arms else None

    def fits(item: TableItem, ratings: Ratings) -> bool:
        return (
            asked.item in ("", item.code)
            and all(
                name in ways and key in WAYS[name].keys_of(item) for name, key in wanted.items()
            )
            and (shared is None or item.pk in shared)
            and _has_rating(table, ratings, asked)
        )

    return fits


def _has_rating(table: RatingTable, ratings: Ratings, asked: ItemFilter) -> bool:
    """Whether one rating is by the rater, has the score, and so on: all of it at once."""
    repeated = {rating.rater for rating in ratings if rating.look > 0}
    return any(
        (not asked.rater or str(table.raters[rating.rater].pk) == asked.rater)
        and (not asked.cannot_judge or rating.scores is None)
        and (not asked.score or _has_score(rating, asked))
        and (not asked.repeated or rating.rater in repeated)
        for rating in ratings
        if rating.look == 0
    )


def _has_score(rating: TableRating, asked: ItemFilter) -> bool:
    if rating.scores is None:
        return False
    if asked.dimension not in DIMENSIONS:
        return asked.score in map(str, rating.scores)
    return str(rating.scores[DIMENSIONS.index(asked.dimension)]) == asked.score


def _shared_items(table: RatingTable, asked: ItemFilter) -> set[int]:
    """Return the items of the arms named, where each of the arms has one."""
    arms = set(asked.arms.split("-"))
    at: dict[tuple[int, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for item in table.items:
        if item.origin is not None and str(item.origin.arm_id) in arms:
            unit = (item.recording,) if asked.unit == "recording" else (item.recording, item.epoch)
            at[unit][str(item.origin.arm_id)].append(item.pk)
    shared = [by_arm for by_arm in at.values() if set(by_arm) == arms]
    return {pk for by_arm in shared for pks in by_arm.values() for pk in pks}


def _rated(table: RatingTable, item: TableItem, ratings: Ratings) -> RatedItem:
    first = [r.scores for r in ratings if r.look == 0 and r.scores is not None]
    return RatedItem(
        item=item,
        ratings=tuple(
            (table.raters[r.rater].name, r)
            for r in sorted(ratings, key=lambda r: (table.raters[r.rater].name, r.look))
        ),
        mean=fmean(score for scores in first for score in scores) if first else None,
        widest=max(max(values) - min(values) for values in zip(*first, strict=True))
        if len(first) > 1
        else None,
    )


_ORDERS: Final[dict[str, Callable[[RatedItem], tuple[float, str]]]] = {
    LOWEST: lambda one: (one.mean if one.mean is not None else 6.0, one.item.code),
    WIDEST: lambda one: (-(one.widest or 0), one.item.code),
    CODE: lambda one: (0.0, one.item.code),
}
