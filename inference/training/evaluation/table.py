"""The figures as a table for the eye."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLUMNS = (
    ("kappa", "kappa"),
    ("accuracy", "accuracy"),
    ("macro_f1", "macro F1"),
    ("rule_iou", "rule IoU"),
    ("event_precision", "event prec."),
    ("event_recall", "event rec."),
    ("unparsed", "unparsed"),
)
_NAME_WIDTH = 22


def printed(found: Mapping[str, Any]) -> str:
    """A line a reader, the judged bundle first, then its intervals and its stages."""
    readers = {found["bundle"]: found, **found["baselines"]}
    lines = [
        f"{found['title']}, version {found['version']}",
        f"on {found['on']}: {found['subjects']} subjects, {found['epochs']} epochs",
        "",
        " " * _NAME_WIDTH + "".join(f"{title:>12}" for _, title in COLUMNS),
        *(_row(name, one) for name, one in readers.items()),
        "",
        *_intervals(found),
        "",
        f"{'stage':{_NAME_WIDTH}}" + "".join(f"{t:>12}" for t in ("epochs", "prec.", "rec.", "F1")),
        *(_stage(name, one) for name, one in found["stages"].items()),
    ]
    return "\n".join(lines)


def shown(value: object) -> str:
    """A figure for the eye: a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _row(name: str, figures: Mapping[str, Any]) -> str:
    if "missing" in figures:
        return f"{name:{_NAME_WIDTH}}{figures['missing']}"
    cells = (shown(figures.get(key)) for key, _ in COLUMNS)
    return f"{name:{_NAME_WIDTH}}" + "".join(f"{cell:>12}" for cell in cells)


def _intervals(found: Mapping[str, Any]) -> list[str]:
    bounds = found["intervals"]
    told = [
        f"{title} {shown(bounds[key][0])} to {shown(bounds[key][1])}"
        for key, title in COLUMNS
        if key in bounds and bounds[key][0] is not None
    ]
    return [f"95 % intervals over subjects: {', '.join(told)}"] if told else []


def _stage(name: str, one: Mapping[str, Any]) -> str:
    cells = (shown(one[key]) for key in ("epochs", "precision", "recall", "f1"))
    return f"{name:{_NAME_WIDTH}}" + "".join(f"{cell:>12}" for cell in cells)
