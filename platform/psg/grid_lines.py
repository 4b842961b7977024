"""The grid of the published images: a line every second, and one between bands.

The grid lies half transparent over the traces and is the same for every epoch. Its grey acts on
red, green and blue alike, so what it does to a pixel is a table from the value below to the value
after. Agg fills these tables once, by drawing the grid over each of the 256 values; later
epochs look the result up, which gives Agg's own pixels for a fraction of the time.
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

TO_PIXELS = Affine2D().scale(WIDTH_PX / EPOCH_S, HEIGHT_PX)
"""From seconds and heights of 0 (bottom) to 1 (top)."""

Line = tuple[Path, float, float]


@dataclass(frozen=True)
class Grid:
    """What the lines do to the pixels that they touch."""

    places: NDArray[np.intp]
    """Touched pixels, (n,), counted row by row."""
    greys: NDArray[np.uint8]
    """Value after, by table and value below, flat. The first table changes nothing."""
    starts: NDArray[np.uint16]
    """Where in `greys` the table of each touched red, green, blue and alpha starts, (n, 4)."""


def lay_grid(pixels: NDArray[np.uint8], band_count: int) -> None:
    """Draw the grid over contiguous (224, 448, 4) pixels in place, seconds before bands."""
    grid = _grid(band_count)
    whole = pixels.view(np.uint32).reshape(-1)
    below = whole[grid.places].view(np.uint8).reshape(-1, 4)
    whole[grid.places] = grid.greys.take(below + grid.starts).view(np.uint32).reshape(-1)


@cache
def _grid(band_count: int) -> Grid:
    after = _draw_over_all_greys([*_second_lines(), *_band_lines(band_count)])
    places = np.flatnonzero((after != np.arange(256)).any(axis=1))
    numbers = {np.arange(256, dtype=np.uint8).tobytes(): 0}
    used = [numbers.setdefault(after[place].tobytes(), len(numbers)) for place in places]
    starts = np.zeros((len(places), 4), dtype=np.uint16)
    starts[:, :3] = 256 * np.array(used)[:, None]
    return Grid(places, np.frombuffer(b"".join(numbers), dtype=np.uint8), starts)


def _draw_over_all_greys(lines: list[Line]) -> NDArray[np.uint8]:
    """Values after drawing over each grey; (pixels, 256). One drawing does three greys."""
    agg = RendererAgg(WIDTH_PX, HEIGHT_PX, DPI)
    pixels = np.asarray(agg.buffer_rgba())
    pens = [(make_pen(GRID_COLOUR, alpha, width_pt), path) for path, alpha, width_pt in lines]
    after = np.empty((WIDTH_PX * HEIGHT_PX, 258), dtype=np.uint8)
    for grey in range(0, 256, 3):
        pixels[...] = np.array([grey, grey + 1, grey + 2, 255]).astype(np.uint8)
        for pen, path in pens:
            agg.draw_path(pen, path, TO_PIXELS)
        after[:, grey : grey + 3] = pixels[..., :3].reshape(-1, 3)
    return after[:, :256]


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
