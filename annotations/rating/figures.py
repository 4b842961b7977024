"""The figures on the results page of a rating study; static/js/rating/results.js draws them.

The title of a figure states its result. Every point and every count has the query of the items
behind it. Fields that are None are left out of the JSON.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from annotations.rating.items import WIDEST, WITHOUT, ItemFilter, filter_of
from annotations.rating.models import DIMENSIONS
from annotations.rating.numbers import DifferenceRow, Number, RaterRow, ScoreResult
from annotations.rating.results import Results
from annotations.rating.words import DIMENSION_WORDS, PUBLISHED

HIGH_LEVEL = 4
_PLACES = range(len(DIMENSIONS))


@dataclass(frozen=True)
class Point:
    """A value with its interval, its n, and the query of the items behind it."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    query: str
    n: int
    strong: bool | None = None
    """Whether the point is drawn strongly; None: yes."""

    @classmethod
    def of(
        cls, label: str, number: Number, items: ItemFilter, n: int, *, strong: bool | None = None
    ) -> "Point":
        return cls(label, number.value, number.low, number.high, items.query, n, strong)


@dataclass(frozen=True)
class Levels:
    """The counts of the scores 1 to 5, each with the query of the items behind it."""

    label: str
    cells: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Panel:
    """A dimension of a figure."""

    title: str
    rows: tuple[Point, ...] | tuple[Levels, ...]


@dataclass(frozen=True)
class Line:
    """A published range of scores, drawn across the panels."""

    label: str
    low: float
    high: float | None


@dataclass(frozen=True)
class Figure:
    """A figure with a panel for each dimension; `kind` is how the browser draws it."""

    kind: str
    title: str
    axis: str
    panels: tuple[Panel, ...]
    range: tuple[float, float] | None = None
    lines: tuple[Line, ...] | None = None

    def as_json(self) -> dict[str, object]:
        return asdict(self, dict_factory=_without_none)


def _without_none(fields: list[tuple[str, object]]) -> dict[str, object]:
    """Leave out optional fields; an undefined value or bound stays as null."""
    optional = ("range", "lines", "strong")
    return {name: value for name, value in fields if value is not None or name not in optional}


def figures_of(results: Results, way: str) -> dict[str, Figure]:
    """Return the figures by name; without values there is no figure."""
    rows = [*results.groups(way), results.overall]
    figures = {
        "means": _means(rows),
        "levels": _levels(rows, results.overall),
        "differences": _differences(results.differences),
        "severity": _severity(results.raters, WITHOUT if results.table.controls else ""),
    }
    return {name: figure for name, figure in figures.items() if figure is not None}


def _panels(points: Callable[[int, str], Sequence[Point]]) -> tuple[Panel, ...]:
    """Return a panel for each dimension; `points` takes its place and its name."""
    return tuple(
        Panel(DIMENSION_WORDS[name].title, tuple(points(place, name)))
        for place, name in enumerate(DIMENSIONS)
    )


def _means(rows: Sequence[ScoreResult]) -> Figure | None:
    means = [
        f"{cell.title} {cell.mean.value:.2f}"
        for cell in rows[-1].cells
        if cell.mean.value is not None
    ]
    if not means:
        return None

    def points(place: int, name: str) -> list[Point]:
        return [
            Point.of(
                row.group.label, row.cells[place].mean, filter_of(row.group), row.cells[place].n
            )
            for row in rows
        ]

    return Figure(
        kind="forest",
        title=f"Mean scores, {_lowered(rows[-1].group.label)}: {', '.join(means)}",
        axis="mean score, 95 % interval",
        panels=_panels(points),
        range=(1, 5),
        lines=tuple(Line(claim.label, claim.low, claim.high) for claim in PUBLISHED),
    )


def _lowered(label: str) -> str:
    return label[:1].lower() + label[1:]


def _levels(rows: Sequence[ScoreResult], overall: ScoreResult) -> Figure | None:
    given = sum(cell.n for cell in overall.cells)
    if not given:
        return None
    high = sum(sum(cell.counts[HIGH_LEVEL - 1 :]) for cell in overall.cells)
    return Figure(
        kind="levels",
        title=f"{100 * high / given:.0f} % of all scores are 4 or 5",
        axis="% of scores",
        panels=tuple(
            Panel(
                DIMENSION_WORDS[name].title,
                tuple(
                    Levels(
                        row.group.label,
                        tuple(
                            (count, _query_of_level(row, name, level))
                            for level, count in enumerate(row.cells[place].counts, start=1)
                        ),
                    )
                    for row in rows
                ),
            )
            for place, name in enumerate(DIMENSIONS)
        ),
    )


def _query_of_level(row: ScoreResult, dimension: str, level: int) -> str:
    return replace(filter_of(row.group), dimension=dimension, score=str(level)).query


def _differences(rows: Sequence[DifferenceRow]) -> Figure | None:
    defined = [row for row in rows if row.difference.value is not None]
    if not defined:
        return None
    held = sum(row.holds for row in defined)

    def points(_place: int, name: str) -> list[Point]:
        return [
            Point.of(
                f"{row.first.label} less {row.second.label}",
                row.difference,
                ItemFilter(arms=f"{row.first.key}-{row.second.key}", unit=row.unit),
                row.pairs,
                strong=row.holds,
            )
            for row in rows
            if row.dimension == name
        ]

    return Figure(
        kind="forest",
        title=f"{held} of {len(defined)} differences between arms hold after Holm’s correction",
        axis="difference in points, 95 % interval",
        panels=_panels(points),
    )


def _severity(raters: Sequence[RaterRow], controls: str) -> Figure | None:
    offsets = [[row.offsets[place].value for row in raters] for place in _PLACES]
    defined = [[value for value in values if value is not None] for values in offsets]
    if not any(defined):
        return None
    apart = max(max(values) - min(values) for values in defined if values)

    def points(place: int, _name: str) -> list[Point]:
        return [
            Point.of(
                row.rater.name,
                row.offsets[place],
                ItemFilter(rater=str(row.rater.pk), order=WIDEST, controls=controls),
                row.ratings - row.cannot_judge,
            )
            for row in raters
        ]

    return Figure(
        kind="forest",
        title=f"Raters are up to {apart:.2f} points apart on the same items",
        axis="points above or below the mean rater, 95 % interval",
        panels=_panels(points),
    )
