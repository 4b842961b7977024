"""Draw the image of an epoch, identical in every pixel to the published specification.

The specification is SleepVLM's (arXiv 2603.26738): 448 x 224 px at 100 DPI, black, an equal band
per derivation present, full band height +-50 uV (chin +-40 uV), traces never clipped and drawn
first, a grid over them. The reference draws with matplotlib, whose rasteriser is Agg. Here Agg is
used directly, without a figure. It gets every line in the same form and order as from a new figure,
so the pixels are identical.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import matplotlib as mpl
import numpy as np
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import NDArray

from psg.montage import Derivation
from psg.night import SAMPLES_PER_EPOCH
from psg.stages import EPOCH_S

# Paths and pens as matplotlib gives them to Agg for its own lines.

_SIMPLIFY_THRESHOLD = 1 / 9  # the default of matplotlib, fixed in case a matplotlibrc changes it
_SIMPLIFIED_FROM = 128  # matplotlib leaves shorter paths as they are


def make_path(vertices: NDArray[np.float64]) -> Path:
    """Return a path of straight lines through (n, 2) points."""
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


# The grid of the published images: a line every second and between bands.
#
# The grid lies half transparent over the traces and is the same for every epoch. Its grey acts on
# red, green and blue alike, so its effect on a pixel is a table from the value below to the
# value after. Agg fills these tables once, by drawing the grid over each of the 256 values; later
# epochs look the result up, which gives Agg's own pixels for a fraction of the time.


WIDTH_PX, HEIGHT_PX, DPI = 448, 224, 100
GRID_COLOUR = "#404040"
SECOND_ALPHA, SECOND_WIDTH_PT = 0.6, 0.5
STRONG_ALPHA, STRONG_WIDTH_PT = 0.8, 0.8

TO_PIXELS = Affine2D().scale(WIDTH_PX / EPOCH_S, HEIGHT_PX)
"""From seconds and heights of 0 (bottom) to 1 (top)."""

Line = tuple[Path, float, float]


@dataclass(frozen=True)
class Grid:
    """The effect of the lines on the pixels that they touch."""

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
    """Values after drawing over each grey; (pixels, 256). Each drawing does three greys."""
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


# A small, fast PNG writer for RGBA images of thin lines on a plain background.


_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BIT_RGBA = (8, 6, 0, 0, 0)
_FILTER_UP = 2


def png_bytes(pixels: NDArray[np.uint8]) -> bytes:
    """Encode (height, width, 4) RGBA pixels.

    Every row is stored as its difference from the row above (PNG filter "up"), which suits traces
    and grid lines; trying all filters on every row, as general encoders do, takes twice as long
    and gains nothing here.
    """
    height, width, _ = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, *_EIGHT_BIT_RGBA)
    data = zlib.compress(_filtered(pixels).tobytes(), 1)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def padded(png: bytes, padding: bytes) -> bytes:
    """Lengthen a PNG by a private chunk that readers ignore; the pixels stay."""
    end = _chunk(b"IEND", b"")
    return png.removesuffix(end) + _chunk(b"paDd", padding) + end


def _filtered(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows = np.ascontiguousarray(pixels).reshape(len(pixels), -1)
    filtered = np.empty((len(rows), rows.shape[1] + 1), dtype=np.uint8)
    filtered[:, 0] = _FILTER_UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    return filtered


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


# The epoch: traces first, the grid over them.

RENDERER_VERSION = f"1+agg-matplotlib-{mpl.__version__}"

EEG_HALF_BAND_UV = 50.0
CHIN_HALF_BAND_UV = 40.0
TRACE_COLOURS = {
    Derivation.F4: "#FFFF00",
    Derivation.C4: "#00FF00",
    Derivation.O2: "#FF0000",
    Derivation.E1: "#00FFFF",
    Derivation.E2: "#FF00FF",
    Derivation.CHIN: "#0000FF",
}
TRACE_WIDTH_PT = 0.6

_BLACK = np.array([0, 0, 0, 255], dtype=np.uint8).view(np.uint32)
_TIMES_S = np.linspace(0, EPOCH_S, SAMPLES_PER_EPOCH)


class EpochRenderer:
    """Draws epochs in turn on the same canvas.

    A renderer may be shared between threads: a lock admits them in turn. For parallel work
    give each process its own; Agg holds the interpreter while it draws.
    """

    def __init__(self) -> None:
        self._agg = RendererAgg(WIDTH_PX, HEIGHT_PX, DPI)
        self._pixels = np.asarray(self._agg.buffer_rgba())
        self._pens = {
            derivation: make_pen(colour, 1.0, TRACE_WIDTH_PT)
            for derivation, colour in TRACE_COLOURS.items()
        }
        vertices = np.column_stack([_TIMES_S, np.zeros(SAMPLES_PER_EPOCH)])
        self._trace = make_path(vertices)
        self._heights = vertices[:, 1]  # heights of the path that draws every trace
        self._lock = threading.Lock()

    def render(
        self, epoch_uv: NDArray[np.floating], derivations: Sequence[Derivation]
    ) -> NDArray[np.uint8]:
        """Draw an epoch.

        Parameters
        ----------
        epoch_uv
            (n_derivations, 3000) in uV at 100 Hz. Samples that are not finite leave a gap.
        derivations
            Names of the rows, drawn from top to bottom.

        Returns
        -------
        ndarray of uint8, shape (224, 448, 4)
            RGBA, top row first.

        Raises
        ------
        ValueError
            When the shape does not fit the derivations.
        """
        samples = _checked(epoch_uv, derivations)
        with self._lock:
            self._pixels.view(np.uint32)[:] = _BLACK
            for row, derivation in enumerate(derivations):
                _set_heights(self._heights, samples[row], derivation, row, len(derivations))
                self._agg.draw_path(self._pens[derivation], self._trace, TO_PIXELS)
            lay_grid(self._pixels, len(derivations))
            return self._pixels.copy()


def _checked(
    epoch_uv: NDArray[np.floating], derivations: Sequence[Derivation]
) -> NDArray[np.float64]:
    samples = np.asarray(epoch_uv, dtype=np.float64)
    if samples.shape != (len(derivations), SAMPLES_PER_EPOCH):
        raise ValueError(
            f"expected {len(derivations)} x {SAMPLES_PER_EPOCH} samples, got {samples.shape}"
        )
    return samples


def _set_heights(
    heights: NDArray[np.float64],
    samples_uv: NDArray[np.float64],
    derivation: Derivation,
    row: int,
    count: int,
) -> None:
    """Heights from 0 (bottom) to 1 (top) of the trace in band `row` of `count`."""
    band = 1.0 / count
    np.multiply(samples_uv, band / (2 * half_band_uv(derivation)), out=heights)
    heights += (count - row - 0.5) * band


def half_band_uv(derivation: Derivation) -> float:
    """Return the amplitude from the middle of a band to its edge, in uV."""
    return CHIN_HALF_BAND_UV if derivation is Derivation.CHIN else EEG_HALF_BAND_UV


def pixel_sha256(pixels: NDArray[np.uint8]) -> str:
    """Return the SHA-256 of the pixels, which does not depend on PNG encoder or compression."""
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()
