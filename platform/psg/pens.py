"""Paths and pens as matplotlib's own lines hand them to Agg."""

from __future__ import annotations

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.path import Path
from numpy.typing import NDArray

_SIMPLIFY_THRESHOLD = 1 / 9  # matplotlib's default, pinned against a changed matplotlibrc
_SIMPLIFIED_FROM = 128  # matplotlib leaves shorter paths as they are


def make_path(vertices: NDArray[np.float64]) -> Path:
    """A path of straight lines through (n, 2) points."""
    path = Path(vertices)
    path.simplify_threshold = _SIMPLIFY_THRESHOLD
    path.should_simplify = len(vertices) >= _SIMPLIFIED_FROM
    return path


def make_pen(colour: str, alpha: float, width_pt: float) -> GraphicsContextBase:
    pen = GraphicsContextBase()
    pen.set_joinstyle("round")
    pen.set_capstyle("projecting")
    pen.set_snap(None)
    pen.set_alpha(alpha)
    pen.set_foreground(colour)
    pen.set_linewidth(width_pt)
    return pen
