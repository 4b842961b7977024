"""The figures of a rating study as plain data; static/js/rating/results.js draws them.

A title says what the figure shows to be so. Every point and bar carries the filter of the items
behind it.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from annotations.rating.items import WIDEST, ItemFilter, filter_of
from annotations.rating.models import DIMENSIONS
from annotations.rating.numbers import Number, ScoreResult
from annotations.rating.results import Results
from annotations.rating.words import DIMENSION_WORDS, PUBLISHED

Figure = dict[str, Any]
HIGH_LEVEL = 4
_PLACES = range(len(DIMENSIONS))


def figures_of(results: Results, way: str) -> dict[str, Figure]:
    """Return the figures that there is something for, by name."""
    rows = [*results.groups(way), results.overall]
    found = {
        "means": _means(rows),
        "levels": _levels(rows, results.overall),
        "differences": _differences(results),
        "severity": _severity(results),
    }
    return {name: figure for name, figure in found.items() if figure is not None}


def _means(rows: Sequence[ScoreResult]) -> Figure | None:
    overall = rows[-1]
    said = [
        f"{cell.title} {cell.mean.value:.2f}"
        for cell in overall.cells
        if cell.mean.value is not None
    ]
    if not said:
        return None
    return {
        "kind": "forest",
        "title": f"Mean scores of all items: {', '.join(said)}",
        "axis": "mean score, 95 % interval",
        "range": [1, 5],
        "lines": [{"label": c.label, "low": c.low, "high": c.high} for c in PUBLISHED],
        "panels": [
            {
                "title": DIMENSION_WORDS[name].title,
                "rows": [
                    _point(row.group.label, row.cells[place].mean, filter_of(row.group))
                    | {"n": row.cells[place].n}
                    for row in rows
                ],
            }
            for place, name in enumerate(DIMENSIONS)
        ],
    }


def _levels(rows: Sequence[ScoreResult], overall: ScoreResult) -> Figure | None:
    given = sum(cell.n for cell in overall.cells)
    if not given:
        return None
    high = sum(sum(cell.counts[HIGH_LEVEL - 1 :]) for cell in overall.cells)
    return {
        "kind": "levels",
        "title": f"{100 * high / given:.0f} % of all scores are 4 or 5",
        "axis": "% of scores",
        "panels": [
            {
                "title": DIMENSION_WORDS[name].title,
                "rows": [
                    {
                        "label": row.group.label,
                        "cells": [
                            (count, _query_of_level(row, name, level))
                            for level, count in enumerate(row.cells[place].counts, start=1)
                        ],
                    }
                    for row in rows
                ],
            }
            for place, name in enumerate(DIMENSIONS)
        ],
    }


def _query_of_level(row: ScoreResult, dimension: str, level: int) -> str:
    return replace(filter_of(row.group), dimension=dimension, score=str(level)).query


def _differences(results: Results) -> Figure | None:
    rows = results.differences
    known = [row for row in rows if row.difference.value is not None]
    if not known:
        return None
    held = sum(row.holds for row in known)
    return {
        "kind": "forest",
        "title": f"{held} of {len(known)} differences between arms hold after Holm’s correction",
        "axis": "difference in points, 95 % interval",
        "panels": [
            {
                "title": DIMENSION_WORDS[name].title,
                "rows": [
                    _point(
                        f"{row.first.label} less {row.second.label}",
                        row.difference,
                        ItemFilter(arms=f"{row.first.key}-{row.second.key}", unit=row.unit),
                    )
                    | {"n": row.pairs, "strong": row.holds}
                    for row in rows
                    if row.dimension == name
                ],
            }
            for name in DIMENSIONS
        ],
    }


def _severity(results: Results) -> Figure | None:
    offsets = [[row.offsets[place].value for row in results.raters] for place in _PLACES]
    known = [[value for value in values if value is not None] for values in offsets]
    if not any(known):
        return None
    apart = max(max(values) - min(values) for values in known if values)
    return {
        "kind": "forest",
        "title": f"Raters are up to {apart:.2f} points apart on the same items",
        "axis": "points above or below the mean rater, 95 % interval",
        "panels": [
            {
                "title": DIMENSION_WORDS[name].title,
                "rows": [
                    _point(
                        row.rater.name,
                        row.offsets[place],
                        ItemFilter(rater=str(row.rater.pk), order=WIDEST),
                    )
                    | {"n": row.ratings - row.cannot_judge}
                    for row in results.raters
                ],
            }
            for place, name in enumerate(DIMENSIONS)
        ],
    }


def _point(label: str, number: Number, asked: ItemFilter) -> dict[str, Any]:
    shown = asdict(number)
    return {
        "label": label,
        **{name: shown[name] for name in ("value", "low", "high")},
        "query": asked.query,
    }
