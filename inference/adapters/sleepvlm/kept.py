"""Encoded images of a night's epochs: each encoded once for the three windows it is in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from inference.adapters.images import NightImages
from inference.adapters.protocol import Night
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.adapters.sleepvlm.vision import EncodedImage, encode_images


@dataclass(frozen=True)
class ShownImage:
    """What the model makes of an image, and the hash of what was drawn."""

    encoded: EncodedImage
    sha256: str


class EncodedNight:
    """The encoded images that were asked for last, so that a night needs little memory.

    Parameters
    ----------
    room : int
        Images to keep. Neighbouring chunks share their edges, which are then not encoded again.
    """

    def __init__(
        self, images: NightImages, processor: WindowProcessor, model: Any, *, room: int
    ) -> None:
        self._images = images
        self._processor = processor
        self._model = model
        self._room = room
        self._kept: OrderedDict[tuple[str, int], ShownImage] = OrderedDict()

    def get(self, night: Night, epochs: Iterable[int]) -> dict[int, ShownImage]:
        """The images of some epochs; those that are missing are encoded together."""
        wanted = dict.fromkeys(epochs)
        self._encode(night, [epoch for epoch in wanted if (night.key, epoch) not in self._kept])
        for epoch in wanted:
            self._kept.move_to_end((night.key, epoch))
        found = {epoch: self._kept[night.key, epoch] for epoch in wanted}
        while len(self._kept) > self._room:
            self._kept.popitem(last=False)
        return found

    def _encode(self, night: Night, epochs: list[int]) -> None:
        drawn = [self._images.get(night, epoch) for epoch in epochs]
        patches = [self._processor.patches(image.rgb) for image in drawn]
        for epoch, image, encoded in zip(
            epochs, drawn, encode_images(self._model, patches), strict=True
        ):
            self._kept[night.key, epoch] = ShownImage(encoded, image.sha256)
