"""The figures as a table for the eye."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

COLUMNS = (
    ("nights", "nights"),
    ("kappa", "kappa"),
    ("accuracy", "accuracy"),
    ("macro_f1", "macro F1"),
    ("rule_iou", "rule IoU"),
    ("event_precision", "event prec."),
    ("event_recall", "event rec."),
    ("unparsed", "unparsed"),
)
_LEAST_WIDTH = 22


def printed(found: Mapping[str, Any]) -> str:
    """A line a reader, the judged bundle first, then its intervals and its stages."""
    rows = with_same_nights(found)
    width = max(_LEAST_WIDTH, *(len(name) + 2 for name in rows))
    lines = [
        f"{found['title']}, version {found['version']}",
        f"on {found['on']}: {found['subjects']} subjects, {found['epochs']} epochs",
        "",
        " " * width + "".join(f"{title:>12}" for _, title in COLUMNS),
        *(_row(name, one, width) for name, one in rows.items()),
        *left_out(found),
        "",
        *_intervals(found),
        "",
        f"{'stage':{width}}" + "".join(f"{t:>12}" for t in ("epochs", "prec.", "rec.", "F1")),
        *(_stage(name, one, width) for name, one in found["stages"].items()),
    ]
    return "\n".join(lines)


def with_same_nights(found: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Figures of all readers by name, and under a baseline that could not read every night those
    of the judged bundle on the nights that it has read: only these two compare."""
    bundle = found["bundle"]
    rows = {bundle: found}
    for name, one in found["baselines"].items():
        rows[name] = one
        if same := one.get("judged_on_same_nights"):
            rows[f"{bundle}, same nights as {name}"] = same
    return rows


def left_out(found: Mapping[str, Any]) -> list[str]:
    """A sentence a baseline that could not read every night: how many, which not, and why."""
    lines = []
    for name, one in found["baselines"].items():
        nights_by_why: dict[str, list[str]] = {}
        for night in one.get("left_out", ()):
            nights_by_why.setdefault(night["why"], []).append(night["night"])
        if nights_by_why:
            told = "; ".join(f"{', '.join(its)} ({why})" for why, its in nights_by_why.items())
            lines.append(
                f"{name} read {one['nights']} of {found['nights']} nights. Left out: {told}."
            )
    return lines


def shown(value: object) -> str:
    """A figure for the eye: a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _row(name: str, figures: Mapping[str, Any], width: int) -> str:
    if "missing" in figures:
        return f"{name:{width}}{figures['missing']}"
    cells = (shown(figures.get(key)) for key, _ in COLUMNS)
    return f"{name:{width}}" + "".join(f"{cell:>12}" for cell in cells)


def _intervals(found: Mapping[str, Any]) -> list[str]:
    bounds = found["intervals"]
    told = [
        f"{title} {shown(bounds[key][0])} to {shown(bounds[key][1])}"
        for key, title in COLUMNS
        if key in bounds and bounds[key][0] is not None
    ]
    return [f"95 % intervals over subjects: {', '.join(told)}"] if told else []


def _stage(name: str, one: Mapping[str, Any], width: int) -> str:
    cells = (shown(one[key]) for key in ("epochs", "precision", "recall", "f1"))
    return f"{name:{width}}" + "".join(f"{cell:>12}" for cell in cells)
