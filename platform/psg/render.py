"""Draw the image of one epoch, pixel for pixel as the published specification asks.

The specification is SleepVLM's (arXiv 2603.26738): 448 x 224 px at 100 DPI, black, one equal band
per derivation present, full band height +-50 uV (chin +-40 uV), traces never clipped and drawn
first, a grid over them. The rasteriser of the reference is matplotlib's Agg, so Agg draws here
too; what is saved is the figure around it. Every line is handed to Agg in the form and order in
which a fresh figure would hand it over, which keeps the pixels identical.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from numpy.typing import NDArray

from psg.grid_lines import DPI, HEIGHT_PX, TO_PIXELS, WIDTH_PX, lay_grid
from psg.montage import Derivation
from psg.night import SAMPLES_PER_EPOCH
from psg.pens import make_path, make_pen
from psg.png import png_bytes
from psg.stages import EPOCH_S

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

__all__ = ["RENDERER_VERSION", "EpochRenderer", "half_band_uv", "pixel_sha256", "png_bytes"]

_BLACK = np.array([0, 0, 0, 255], dtype=np.uint8).view(np.uint32)
_TIMES_S = np.linspace(0, EPOCH_S, SAMPLES_PER_EPOCH)


class EpochRenderer:
    """Draws epochs one after another on one canvas.

    A renderer may be shared between threads: a lock lets one draw at a time. For parallel work
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
        self._heights = vertices[:, 1]  # one path draws every trace: writing here moves it
        self._lock = threading.Lock()

    def render(
        self, epoch_uv: NDArray[np.floating], derivations: Sequence[Derivation]
    ) -> NDArray[np.uint8]:
        """Draw one epoch.

        Parameters
        ----------
        epoch_uv
            (n_derivations, 3000) in uV at 100 Hz. Samples that are not finite leave a gap.
        derivations
            Names of the rows, drawn from top to bottom.

        Returns
        -------
        (224, 448, 4) RGBA, top row first.
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
    """Amplitude from the middle of a band to its edge, in uV."""
    return CHIN_HALF_BAND_UV if derivation is Derivation.CHIN else EEG_HALF_BAND_UV


def pixel_sha256(pixels: NDArray[np.uint8]) -> str:
    """Hash of the pixels themselves: the same for every PNG encoder and compression."""
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()
