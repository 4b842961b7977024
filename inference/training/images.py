"""Images of training nights: drawn when first wanted, and kept in a folder where one is given.

In the folder a night's images lie in one file, as they are in memory, with one byte an epoch that
says which are drawn. Processes may share it: they draw the same pixels into the same place.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inference.training.data import LabelledNight
from inference.training.errors import TrainingError
from psg.grid_lines import HEIGHT_PX, WIDTH_PX
from psg.night import NightSignals
from psg.render import RENDERER_VERSION, EpochRenderer

_SHAPE = (HEIGHT_PX, WIDTH_PX, 3)
_IN_MEMORY = 1500


class TrainingImages:
    """RGB images of the epochs of some nights, (224, 448, 3) uint8.

    Parameters
    ----------
    folder : Path, optional
        Where drawn images are kept, 300 kB an epoch. Left out, some 1,500 are kept in memory.
    """

    def __init__(self, nights: Sequence[LabelledNight], folder: Path | None = None) -> None:
        self._nights = nights
        self._folder = folder
        self._renderer = EpochRenderer()
        self._files: dict[int, tuple[np.memmap, np.memmap]] = {}
        self._kept: OrderedDict[tuple[int, int], NDArray[np.uint8]] = OrderedDict()
        self.drawn = 0
        """How many were drawn here, for benchmarks and tests."""

    def get(self, night: int, epoch: int) -> NDArray[np.uint8]:
        if self._folder is not None:
            return self._from_folder(night, epoch)
        key = (night, epoch)
        if key not in self._kept:
            self._kept[key] = self._draw(night, epoch)
            if len(self._kept) > _IN_MEMORY:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _from_folder(self, night: int, epoch: int) -> NDArray[np.uint8]:
        if night not in self._files:
            self._files[night] = self._open(night)
        pixels, is_drawn = self._files[night]
        if not is_drawn[epoch]:
            pixels[epoch] = self._draw(night, epoch)
            is_drawn[epoch] = 1
        return np.asarray(pixels[epoch])

    def _open(self, night: int) -> tuple[np.memmap, np.memmap]:
        assert self._folder is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        signals = self._nights[night].signals
        stem = self._folder / _night_key(signals)
        pixels = _mapped(stem.with_suffix(".rgb"), (signals.epoch_count, *_SHAPE))
        return pixels, _mapped(stem.with_suffix(".drawn"), (signals.epoch_count,))

    def _draw(self, night: int, epoch: int) -> NDArray[np.uint8]:
        signals = self._nights[night].signals
        self.drawn += 1
        epoch_uv = epoch_of(signals, epoch, self._nights[night].recording)
        pixels = self._renderer.render(epoch_uv[0], signals.derivations)
        return np.ascontiguousarray(pixels[:, :, :3])


def epoch_of(signals: NightSignals, epoch: int, name: str) -> NDArray[np.float32]:
    """Read one epoch, (1, n_derivations, 3000) in uV.

    Raises
    ------
    TrainingError
        When it holds values that are not numbers: an image would show a gap nobody scored.
    """
    epoch_uv = signals.read_uv(epoch, 1)
    if not np.isfinite(epoch_uv).all():
        raise TrainingError(
            "The signal holds values that are not numbers",
            where=f"{name}, epoch {epoch}",
            advice="Import the recording again, or leave that night out.",
        )
    return epoch_uv


def _night_key(signals: NightSignals) -> str:
    """Of the signals themselves, and of what draws them."""
    digest = hashlib.sha256(RENDERER_VERSION.encode())
    digest.update(" ".join(signals.derivations).encode())
    for epoch in range(signals.epoch_count):
        digest.update(np.ascontiguousarray(signals.read_uv(epoch, 1)).tobytes())
    return digest.hexdigest()[:24]


def _mapped(path: Path, shape: tuple[int, ...]) -> np.memmap:
    size = int(np.prod(shape))
    with path.open("ab") as file:
        if file.tell() < size:
            file.truncate(size)  # zeros that take no room until they are written
    return np.memmap(path, dtype=np.uint8, mode="r+", shape=shape)
