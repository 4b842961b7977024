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
Tables = tuple[NDArray[np.intp], NDArray[np.uint8]]
"""Touched columns or rows (n,), and for each the tables of first, middle and last: (n, 3, 256)."""


def lay_grid(colours: NDArray[np.uint8], band_count: int) -> None:
    """Draw the grid over (224, 448, 3) colours in place, seconds before bands."""
    _look_up(colours, _second_tables())
    if band_count > 1:
        _look_up(colours.swapaxes(0, 1), _band_tables(band_count))


def _look_up(colours: NDArray[np.uint8], tables: Tables) -> None:
    """Replace whole columns: axis 0 runs along the lines, axis 1 across them."""
    columns, greys = tables
    places = np.arange(len(columns))[:, None]
    for part, along in ((0, slice(0, 1)), (1, slice(1, -1)), (2, slice(-1, None))):
        below = colours[along, columns]
        colours[along, columns] = greys[:, part][places, below]


@cache
def _second_tables() -> Tables:
    strips = _draw_over_all_greys(WIDTH_PX, 3, list(_second_lines()))
    return _touched(strips.transpose(1, 0, 2))


@cache
def _band_tables(band_count: int) -> Tables:
    strips = _draw_over_all_greys(3, HEIGHT_PX, list(_band_lines(band_count)))
    return _touched(strips)


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


def _touched(tables: NDArray[np.uint8]) -> Tables:
    changed = np.flatnonzero((tables != np.arange(256)).any(axis=(1, 2)))
    return changed, np.ascontiguousarray(tables[changed])


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
