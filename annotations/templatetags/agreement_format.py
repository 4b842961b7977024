"""Shares and kappas in the words and on the scales of the pages of agreement."""

from collections.abc import Mapping
from typing import Any

from django import template

STRIP_WIDTH, STRIP_MARGIN = 240, 4

register = template.Library()


@register.filter
def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage, without the sign."""
    return "" if share is None else f"{100 * share:.{digits}f}"


@register.filter
def across(share: float | None, width: int) -> float:
    """Where a share lies on a scale of that width; what is below 0 lies at 0."""
    return round(width * min(max(share or 0.0, 0.0), 1.0), 1)


@register.filter
def signed(value: float | None, digits: int = 1) -> str:
    """A difference with its sign."""
    return "" if value is None else f"{value:+.{digits}f}".replace("-", "−")


@register.filter
def limits_of(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Bias and both limits of a sleep statistic, as they stand in a row of the table."""
    return [row["bias"], row["lower_limit"], row["upper_limit"]]


@register.filter
def strip(row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Places of the differences of a sleep statistic on a strip 240 units wide."""
    known = [night for night in row["nights"] if night["difference"] is not None]
    if len(known) < 2:
        return None  # one difference is told by the bias
    low, high = row["lower_limit"]["value"], row["upper_limit"]["value"]
    ends = [0.0, *(night["difference"] for night in known)]
    ends += [limit for limit in (low, high) if limit is not None]
    start, reach = min(ends), (max(ends) - min(ends)) or 1.0

    def place(value: float) -> float:
        return round(STRIP_MARGIN + (STRIP_WIDTH - 2 * STRIP_MARGIN) * (value - start) / reach, 1)

    dots = [
        (place(night["difference"]), f"{night['recording']}: {signed(night['difference'])}")
        for night in known
    ]
    return {
        "zero": place(0.0),
        "bias": place(row["bias"]["value"]),
        "limits": None if low is None else (place(low), round(place(high) - place(low), 1)),
        "dots": dots,
        "words": f"{len(known)} differences, from {signed(min(ends))} to {signed(max(ends))}",
    }
