"""The grid of the published images: a line every second, and one between bands.

The grid lies half transparent over the traces and is the same for every epoch. Its grey acts on
red, green and blue alike, so what it does to a pixel is a table from the value below to the value
after. Agg fills these tables once, by drawing the grid over each of the 256 values; later
epochs look the result up, which gives Agg's own pixels for a fraction of the time.

Along a line all pixels are alike but the first and the last, where its cap ends: a strip of three
pixels tells all, first, middle and last.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from psg.pens import make_path, make_pen
from psg.stages import EPOCH_S

WIDTH_PX, HEIGHT_PX, DPI = 448, 224, 100
GRID_COLOUR = "#404040"
SECOND_ALPHA, SECOND_WIDTH_PT = 0.6, 0.5
STRONG_ALPHA, STRONG_WIDTH_PT = 0.8, 0.8

Line = tuple[Path, float, float]


@dataclass(frozen=True)
class GridTables:
    """What lines along axis 0 of an image do to the columns that they touch."""

    columns: NDArray[np.intp]
    """Touched columns, (n,)."""
    greys: NDArray[np.uint8]
    """Value after, by table and value below, flat."""
    starts: NDArray[np.intp]
    """Where the table of each value of the touched columns starts in `greys`, (length, n, 3)."""

    def lay_over(self, colours: NDArray[np.uint8]) -> None:
        below = colours[:, self.columns]
        colours[:, self.columns] = self.greys.take(below + self.starts)


def lay_grid(colours: NDArray[np.uint8], band_count: int) -> None:
    """Draw the grid over (224, 448, 3) colours in place, seconds before bands."""
    _second_tables().lay_over(colours)
    if band_count > 1:
        _band_tables(band_count).lay_over(colours.swapaxes(0, 1))


@cache
def _second_tables() -> GridTables:
    strips = _draw_over_all_greys(WIDTH_PX, 3, list(_second_lines()))
    return _tables(strips, HEIGHT_PX)


@cache
def _band_tables(band_count: int) -> GridTables:
    strips = _draw_over_all_greys(3, HEIGHT_PX, list(_band_lines(band_count)))
    return _tables(strips.transpose(1, 0, 2), WIDTH_PX)


def _draw_over_all_greys(width_px: int, height_px: int, lines: list[Line]) -> NDArray[np.uint8]:
    """Values after drawing over each grey; (height, width, 256)."""
    agg = RendererAgg(width_px, height_px, DPI)
    pixels = np.asarray(agg.buffer_rgba())
    to_pixels = Affine2D().scale(width_px / EPOCH_S, height_px)
    after = np.empty((height_px, width_px, 256), dtype=np.uint8)
    for grey in range(256):
        pixels[..., :3] = grey
        pixels[..., 3] = 255
        for path, alpha, width_pt in lines:
            agg.draw_path(make_pen(GRID_COLOUR, alpha, width_pt), path, to_pixels)
        after[..., grey] = pixels[..., 0]
    return after


def _tables(strips: NDArray[np.uint8], length_px: int) -> GridTables:
    """Stretch strips of (3, width, 256) values, first, middle and last, to lines of `length_px`."""
    columns = np.flatnonzero((strips != np.arange(256)).any(axis=(0, 2)))
    part = np.ones(length_px, dtype=np.intp)
    part[[0, -1]] = 0, 2
    starts = 256 * (part[:, None] * len(columns) + np.arange(len(columns)))
    return GridTables(columns, strips[:, columns].ravel(), np.repeat(starts[..., None], 3, axis=2))


def _second_lines() -> Iterator[Line]:
    for second in range(1, int(EPOCH_S)):
        path = make_path(np.array([(second, 0.0), (second, 1.0)]))
        if second % 5 == 0:
            yield path, STRONG_ALPHA, STRONG_WIDTH_PT
        else:
            yield path, SECOND_ALPHA, SECOND_WIDTH_PT


def _band_lines(band_count: int) -> Iterator[Line]:
    for band in range(1, band_count):
        height = band / band_count
        path = make_path(np.array([(0.0, height), (EPOCH_S, height)]))
        yield path, STRONG_ALPHA, STRONG_WIDTH_PT
