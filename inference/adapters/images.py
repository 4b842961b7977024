"""Images of epochs, drawn once and cached while their windows need them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.adapters.protocol import NightToScore
from psg.montage import Derivation
from psg.render import EpochRenderer, pixel_sha256

_KEPT = 128


@dataclass(frozen=True)
class EpochImage:
    """Pixels for the model, (224, 448, 3) uint8, and the hash of the drawn image."""

    rgb: NDArray[np.uint8]
    sha256: str


class NightImages:
    """Draws from the stored signals, so raters see the same image as the model."""

    def __init__(self, channels: Sequence[Derivation]) -> None:
        self._channels = frozenset(channels)
        self._renderer = EpochRenderer()
        self._kept: OrderedDict[tuple[str, int], EpochImage] = OrderedDict()

    def get(self, night: NightToScore, epoch: int) -> EpochImage:
        key = (night.key, epoch)
        if key not in self._kept:
            self._kept[key] = self._draw(night, epoch)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    def derivations(self, night: NightToScore) -> tuple[Derivation, ...]:
        """Return the derivations drawn in the images: those of the night that the model knows."""
        return tuple(name for name in night.signals.derivations if name in self._channels)

    def _draw(self, night: NightToScore, epoch: int) -> EpochImage:
        rows = [name in self._channels for name in night.signals.derivations]
        epoch_uv = night.signals.read_uv(epoch, 1)[0][rows]
        pixels = self._renderer.render(epoch_uv, self.derivations(night))
        # The images are opaque: dropping alpha changes no colour.
        return EpochImage(np.ascontiguousarray(pixels[:, :, :3]), pixel_sha256(pixels))
