"""Images of training nights: drawn when first needed, and stored in a folder if it is given.

In the folder, a file holds the pixels of all images of a night, and a second file a check value of
each image. After a power cut either may be on disk without the other, so an image is used only if
its pixels match the check value, and is drawn anew otherwise. Processes may share the folder, since
they write the same pixels to the same place. The files are not mapped into memory: on a full disk a
failed write can be reported, while a failed access to mapped memory ends the process.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inference.adapters.sleepvlm.processor import ImagePatches, WindowProcessor
from inference.training.data.nights import LabelledNight
from inference.training.errors import TrainingError
from inference.training.model import Batch
from psg.night import NightSignals
from psg.render import HEIGHT_PX, RENDERER_VERSION, WIDTH_PX, EpochRenderer

_SHAPE = (HEIGHT_PX, WIDTH_PX, 3)
_IN_MEMORY = 1500


@dataclass(frozen=True)
class _Rows:
    """A file of rows of equal shape; rows not written yet are zeros and take no disk space."""

    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    def read(self, row: int) -> NDArray[Any]:
        size = int(np.prod(self.shape)) * self.dtype.itemsize
        with self.path.open("rb") as file:
            content = os.pread(file.fileno(), size, row * size).ljust(size, b"\0")
        return np.frombuffer(content, self.dtype).reshape(self.shape)

    def write(self, row: int, values: NDArray[Any]) -> None:
        """Write a row into the file; raises OSError where the disk is full."""
        content, at = memoryview(values.tobytes()), row * values.nbytes
        with self.path.open("r+b") as file:
            while content:
                written = os.pwrite(file.fileno(), content, at)
                content, at = content[written:], at + written


@dataclass(frozen=True)
class _Kept:
    """Images of a night on disk; ``is_good`` marks those drawn or checked by this process."""

    pixels: _Rows
    sums: _Rows
    is_good: NDArray[np.bool_]


class TrainingImages:
    """RGB images of the epochs of some nights, (224, 448, 3) uint8.

    Parameters
    ----------
    folder : Path, optional
        Where drawn images are stored, 300 kB an epoch. Left out, some 1,500 stay in memory.
    """

    def __init__(self, nights: Sequence[LabelledNight], folder: Path | None = None) -> None:
        self._nights = nights
        self._folder = folder
        self._renderer = EpochRenderer()
        self._files: dict[int, _Kept] = {}
        self._kept: OrderedDict[tuple[int, int], NDArray[np.uint8]] = OrderedDict()
        self.drawn = 0
        """How many images this object drew, for benchmarks and tests."""

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
        stored = self._files[night]
        if stored.is_good[epoch]:  # checked once a process, since it is read in every step
            return stored.pixels.read(epoch)
        pixels, wanted = stored.pixels.read(epoch), int(stored.sums.read(epoch))
        if wanted != _sum_of(pixels):
            pixels = self._draw(night, epoch)
            with self._room():
                stored.pixels.write(epoch, pixels)
                stored.sums.write(epoch, np.array(_sum_of(pixels), dtype=np.uint32))
        stored.is_good[epoch] = True
        return pixels

    def _open(self, night: int) -> _Kept:
        assert self._folder is not None
        signals = self._nights[night].signals
        stem = self._folder / _night_key(signals)
        pixels = _Rows(stem.with_suffix(".rgb"), _SHAPE, np.dtype(np.uint8))
        sums = _Rows(stem.with_suffix(".crc"), (), np.dtype(np.uint32))
        with self._room():
            self._folder.mkdir(parents=True, exist_ok=True)
            for rows in (pixels, sums):
                rows.path.touch()
        return _Kept(pixels, sums, is_good=np.zeros(signals.epoch_count, dtype=np.bool_))

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TrainingError(
                f"Drawn images cannot be stored: {error.strerror or error}",
                where=str(self._folder),
                advice="Make room or name another “cache”, and start the same command again: what"
                " is drawn is used, and training continues from the last checkpoint.",
            ) from error

    def _draw(self, night: int, epoch: int) -> NDArray[np.uint8]:
        signals = self._nights[night].signals
        self.drawn += 1
        epoch_uv = epoch_of(signals, epoch, self._nights[night].recording)
        pixels = self._renderer.render(epoch_uv[0], signals.derivations)
        return np.ascontiguousarray(pixels[:, :, :3])


def epoch_of(signals: NightSignals, epoch: int, name: str) -> NDArray[np.float32]:
    """Read an epoch, (1, n_derivations, 3000) in uV.

    Raises
    ------
    TrainingError
        When it holds values that are not finite; an image would show a gap.
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
    """Return a hash of the signals and of the version of the renderer."""
    digest = hashlib.sha256(RENDERER_VERSION.encode())
    digest.update(" ".join(signals.derivations).encode())
    for epoch in range(signals.epoch_count):
        digest.update(np.ascontiguousarray(signals.read_uv(epoch, 1)).tobytes())
    return digest.hexdigest()[:24]


def _sum_of(pixels: NDArray[np.uint8]) -> int:
    """Return the CRC-32, but never 0, which marks an image that was not drawn."""
    return zlib.crc32(pixels.data) or 1


class ImageInputs:
    """Images of a batch as inputs of the loss.

    With a frozen vision tower the embedding of an image never changes: it is computed once and
    stays in the memory of the CPU for all windows and training epochs that show it.
    """

    def __init__(
        self,
        images: TrainingImages,
        processor: WindowProcessor,
        core: Any,
        *,
        keep_embeddings: bool,
    ) -> None:
        self._images = images
        self._processor = processor
        self._core = core
        self._keep = keep_embeddings
        self._embeddings: OrderedDict[tuple[int, int], torch.Tensor] = OrderedDict()
        self._grid: torch.Tensor | None = None

    def grid(self, night: int, epoch: int) -> torch.Tensor:
        """Return the grid of every image, (1, 3); all images have the same size."""
        if self._grid is None:
            self._grid = self._patches(night, epoch).grid
        return self._grid

    def of(self, batch: Batch, device: torch.device) -> dict[str, torch.Tensor]:
        if self._keep:
            return {"embeddings": self._kept(batch.images, device)}
        return self._pixels(batch.images, device)

    def _kept(self, images: Sequence[tuple[int, int]], device: torch.device) -> torch.Tensor:
        missing = [key for key in images if key not in self._embeddings]
        if missing:
            made = self._pixels(missing, device)
            with torch.no_grad():
                encoded = self._core.model.get_image_features(made["pixels"], made["grids"])
            for key, embedding in zip(missing, encoded.pooler_output, strict=True):
                self._embeddings[key] = embedding.detach().cpu().clone()
        return torch.stack([self._embeddings[key] for key in images]).to(device)

    def _pixels(
        self, images: Sequence[tuple[int, int]], device: torch.device
    ) -> dict[str, torch.Tensor]:
        patches = [self._patches(*key) for key in images]
        return {
            "pixels": torch.cat([its.pixels for its in patches]).to(device),
            "grids": torch.cat([its.grid for its in patches]).to(device),
        }

    def _patches(self, night: int, epoch: int) -> ImagePatches:
        return self._processor.patches(self._images.get(night, epoch))
