"""Learning curves of a bundle: the log of the training that it comes from."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

LOG = "log.jsonl"
"""A line is a JSON object with ``step`` and the values measured there, as training writes it."""
MOST_BYTES = 20_000_000
MOST_CURVES = 6
MOST = 1e12
"""Larger values are no measurement, and would be too many digits; NaN is not smaller."""
MOST_POINTS = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

Curves = dict[str, list[tuple[int, float]]]


def read_learning(folder: Path) -> Curves:
    """Return the curves of a bundle by name, thinned; empty without a log.

    Lines that say nothing of a step are skipped, such as one cut off by a crash.
    """
    path = folder / LOG
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        return {}
    curves: dict[str, dict[int, float]] = {}
    for name, step, value in _points(path):
        if name in curves or len(curves) < MOST_CURVES:
            curves.setdefault(name, {})[step] = value
    return {name: _thinned(sorted(points.items())) for name, points in sorted(curves.items())}


def _points(path: Path) -> Iterator[tuple[str, int, float]]:
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            row = _row(line)
            step = row.pop("step", None)
            if not isinstance(step, int) or isinstance(step, bool) or not 0 <= step < MOST:
                continue
            for name, value in row.items():
                if isinstance(value, bool) or not isinstance(value, int | float):
                    continue
                if _NAME.fullmatch(name) and abs(value) < MOST:
                    yield name, step, float(value)


def _row(line: str) -> dict[str, object]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return at most MOST_POINTS, with the first and the last one."""
    if len(points) <= MOST_POINTS:
        return points
    places = [round(n * (len(points) - 1) / (MOST_POINTS - 1)) for n in range(MOST_POINTS)]
    return [points[place] for place in places]
