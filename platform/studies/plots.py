"""What a page with plots needs."""

import json
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpResponseBase
from django.utils.safestring import SafeString, mark_safe

View = Callable[..., HttpResponseBase]
# Plotly's bundle inserts style elements. Inline scripts and style attributes stay forbidden.
with_plots: Callable[[View], View] = csp_update({"style-src-elem": [SELF, UNSAFE_INLINE]})

LISTED = 50
"""Rows of the table beside a plot; the list that it leads to has all of them."""

_SHOWN = ("kind", "label", "unit", "low", "high", "suffix")
_ESCAPES = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&'"}


@dataclass(frozen=True)
class Row:
    """A bar or a point of a plot."""

    label: str
    value: float
    shown: str
    address: str
    low: float | None = None
    """The end of its range; None without a range."""
    high: float | None = None


@dataclass(frozen=True)
class Line:
    """A thin line across a plot, and where it has an interval, a band around it."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Curve:
    """Points of a curve, from left to right."""

    label: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Plot:
    """A plot and its table. `title` says the finding, `unit` names the values."""

    kind: str
    """columns, bars, points, ranges or curves: see static/js/site/plotted.js."""
    title: str
    note: str
    label: str
    unit: str
    rows: Sequence[Row]
    low: float = 0
    high: float | None = None
    lines: Sequence[Line] = ()
    curves: Sequence[Curve] = ()
    """Of the kind curves; its rows say where each one ends."""
    table: str = ""
    """The id of a table of the page that has all numbers; without it the plot has its own."""
    suffix: str = ""
    """What every address ends with; in the plot it is there once."""

    @property
    def listed(self) -> Sequence[Row]:
        return self.rows[:LISTED]

    @property
    def as_attribute(self) -> SafeString:
        """The plot as JSON for an attribute in single quotes, which needs few escapes."""
        shown = {
            **{name: getattr(self, name) for name in _SHOWN},
            "rows": [astuple(row)[: 4 if row.low is None else None] for row in self.rows],
            "lines": [astuple(line) for line in self.lines],
            "curves": [[curve.label, curve.points] for curve in self.curves],
        }
        text = json.dumps(shown, separators=(",", ":"))
        return mark_safe(text.translate(_ESCAPES))  # nothing is left that ends it
