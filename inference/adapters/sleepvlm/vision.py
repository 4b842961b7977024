"""The vision half of the model: images to embeddings, each image once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from inference.adapters.sleepvlm.processor import ImagePatches

_AT_ONCE = 8
"""Images encoded in one go: more gains nothing and takes memory."""


@dataclass(frozen=True)
class EncodedImage:
    """What the vision tower makes of an image: (tokens, hidden), and its grid (1, 3)."""

    embedding: torch.Tensor
    grid: torch.Tensor


@torch.inference_mode()
def encode_images(model: Any, images: Sequence[ImagePatches]) -> list[EncodedImage]:
    """Run the vision tower over images."""
    encoded: list[EncodedImage] = []
    for start in range(0, len(images), _AT_ONCE):
        some = images[start : start + _AT_ONCE]
        pixels = torch.cat([image.pixels for image in some]).to(model.device)
        grids = torch.cat([image.grid for image in some]).to(model.device)
        found = model.model.get_image_features(pixels, grids).pooler_output
        # Copies: a piece of a batch would keep the whole batch in memory.
        encoded += [
            EncodedImage(one.clone(), image.grid) for one, image in zip(found, some, strict=True)
        ]
    return encoded
