"""The items behind a number of the results, each with its ratings."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import fmean
from typing import Final
from urllib.parse import urlencode

from annotations.rating.groups import AS_WRITTEN, WAYS, Group, open_ways
from annotations.rating.models import DIMENSIONS
from annotations.rating.table import RatingTable, TableItem, TableRating

Ratings = Sequence[TableRating]
LOWEST, WIDEST, CODE = "lowest", "widest", "code"
WITHOUT = "without"
ORDERS: Final = {LOWEST: "Lowest scores first", WIDEST: "Largest disagreement first", CODE: "Code"}


@dataclass(frozen=True)
class ItemFilter:
    """A filter of items; an empty field does not filter.

    `arms` keeps the epochs that two arms share, or with the `unit` recording their recordings.
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
    controls: str = ""
    """ "without" control items; empty: with them."""
    order: str = LOWEST

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "ItemFilter":
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known and value})

    @property
    def query(self) -> str:
        """The filter as the query of an address, without empty fields."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return urlencode({k: v for k, v in values.items() if v and (k, v) != ("order", LOWEST)})


def filter_of(group: Group) -> ItemFilter:
    """Return the filter of the items of a group."""
    if group == AS_WRITTEN:
        return ItemFilter(controls=WITHOUT)
    return ItemFilter.of({group.way: group.key}) if group.way else ItemFilter()


@dataclass(frozen=True)
class RatedItem:
    """An item with all its ratings, first ratings before repeats."""

    item: TableItem
    ratings: tuple[tuple[str, TableRating], ...]
    mean: float | None
    widest: int | None


def items_behind(table: RatingTable, chosen: ItemFilter) -> list[RatedItem]:
    """Return the rated items that match the filter, in its order.

    While the study is blind, a filter by arm or reference matches nothing.
    """
    by_item: dict[int, list[TableRating]] = defaultdict(list)
    for rating in table.ratings:
        by_item[rating.item].append(rating)
    fits = _fitting(table, chosen)
    rated = [
        _rated(table, item, by_item[place])
        for place, item in enumerate(table.items)
        if by_item[place] and fits(item, by_item[place])
    ]
    return sorted(rated, key=_ORDERS.get(chosen.order, _ORDERS[LOWEST]))


def _fitting(table: RatingTable, chosen: ItemFilter) -> Callable[[TableItem, Ratings], bool]:
    ways = {way.name for way in open_ways(table)}
    wanted = {name: getattr(chosen, name) for name in WAYS if getattr(chosen, name)}
    shared = _shared_items(table, chosen) if chosen.arms else None

    def fits(item: TableItem, ratings: Ratings) -> bool:
        return (
            chosen.item in ("", item.code)
            and all(
                name in ways and key in WAYS[name].keys_of(item) for name, key in wanted.items()
            )
            and (shared is None or item.pk in shared)
            and not (chosen.controls == WITHOUT and item.is_control)
            and _has_rating(table, ratings, chosen)
        )

    return fits


def _has_rating(table: RatingTable, ratings: Ratings, chosen: ItemFilter) -> bool:
    """Return whether a single rating matches rater, score and the other fields together."""
    repeated = {rating.rater for rating in ratings if rating.look > 0}
    return any(
        (not chosen.rater or str(table.raters[rating.rater].pk) == chosen.rater)
        and (not chosen.cannot_judge or rating.scores is None)
        and (not chosen.score or _has_score(rating, chosen))
        and (not chosen.repeated or rating.rater in repeated)
        for rating in ratings
        if rating.look == 0
    )


def _has_score(rating: TableRating, chosen: ItemFilter) -> bool:
    if rating.scores is None:
        return False
    if chosen.dimension not in DIMENSIONS:
        return chosen.score in map(str, rating.scores)
    return str(rating.scores[DIMENSIONS.index(chosen.dimension)]) == chosen.score


def _shared_items(table: RatingTable, chosen: ItemFilter) -> set[int]:
    """Return the items of the named arms where all these arms have an item."""
    arms = set(chosen.arms.split("-"))
    at: dict[tuple[int, ...], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for item in table.items:
        if item.origin is not None and str(item.origin.arm_id) in arms:
            unit = (item.recording,) if chosen.unit == "recording" else (item.recording, item.epoch)
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
    LOWEST: lambda rated: (rated.mean if rated.mean is not None else 6.0, rated.item.code),
    WIDEST: lambda rated: (-(rated.widest or 0), rated.item.code),
    CODE: lambda rated: (0.0, rated.item.code),
}
