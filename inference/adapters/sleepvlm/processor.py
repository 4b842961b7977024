"""From prompt and images to the tensors Qwen2.5-VL takes, and from images to embeddings.

The stock processor also prepares videos and cannot be built without torchvision, so this one
does images alone: the checkpoint's tokenizer, and the image processor that works on PIL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import AutoTokenizer, Qwen2VLImageProcessorPil

from inference.bundles import BundleError
from inference.prompts import Prompt

IMAGE_PAD = "<|image_pad|>"
TURN_END = "<|im_end|>"
MIN_PIXELS = 3136
MAX_PIXELS = 1003520
"""Bounds the released checkpoint was trained with; 448 x 224 lies between them unscaled."""


@dataclass(frozen=True)
class ImagePatches:
    """One image cut into patches: (n_patches, patch_size) float32, and its grid (1, 3)."""

    pixels: torch.Tensor
    grid: torch.Tensor


class WindowProcessor:
    """Tokenizer and image processor of one checkpoint."""

    def __init__(self, checkpoint: Path) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(
            checkpoint, local_files_only=True, trust_remote_code=False
        )
        self._images = Qwen2VLImageProcessorPil.from_pretrained(
            checkpoint, local_files_only=True, min_pixels=MIN_PIXELS, max_pixels=MAX_PIXELS
        )
        self._levels = self._normalised_levels()
        self.image_pad_id = self._special_id(IMAGE_PAD)
        self.turn_end_id = self._special_id(TURN_END)

    def _special_id(self, token: str) -> int:
        token_id = self.tokenizer.convert_tokens_to_ids(token)
        if not isinstance(token_id, int) or token_id == self.tokenizer.unk_token_id:
            raise BundleError(
                f"The tokenizer does not know {token}", advice="Use a Qwen2.5-VL checkpoint."
            )
        return token_id

    def patches(self, rgb: NDArray[np.uint8]) -> ImagePatches:
        """Cut one (height, width, 3) image into the patches the vision tower takes.

        An image that needs no scaling has its levels looked up instead of computed, which gives
        the very numbers of the image processor in a fraction of the time.
        """
        height, width = rgb.shape[:2]
        images = self._images
        if (
            images.get_number_of_image_patches(height, width) * images.patch_size**2
            != rgb[..., 0].size
        ):
            made = images(images=[Image.fromarray(rgb)], return_tensors="pt")
            return ImagePatches(made["pixel_values"], made["image_grid_thw"])
        planes = np.stack([levels[rgb[..., c]] for c, levels in enumerate(self._levels)])
        pixels, rows, columns = images.patchify(
            planes, images.patch_size, images.merge_size, images.temporal_patch_size
        )
        return ImagePatches(torch.from_numpy(pixels), torch.tensor([[1, rows, columns]]))

    def _normalised_levels(self) -> NDArray[np.float32]:
        """What the image processor makes of each level of each channel, (3, 256)."""
        levels = np.broadcast_to(np.arange(256, dtype=np.uint8), (3, 1, 256))
        scaled = self._images.rescale(levels, self._images.rescale_factor)
        normalised = self._images.normalize(scaled, self._images.image_mean, self._images.image_std)
        return np.asarray(normalised, dtype=np.float32)[:, 0]

    def save_images(self, folder: Path) -> None:
        """Write how images are cut, beside a checkpoint."""
        self._images.save_pretrained(folder)

    def window_ids(self, prompt: Prompt, grids: Sequence[torch.Tensor]) -> list[int]:
        """Token ids of one window: system text, three labelled images, turn of the model."""
        merge = self._images.merge_size**2
        counts = [int(grid.prod()) // merge for grid in grids]
        ids: list[int] = []
        for count, piece in zip([*counts, 0], chat_text(prompt).split(IMAGE_PAD), strict=True):
            ids += self.tokenizer.encode(piece, add_special_tokens=False)
            ids += [self.image_pad_id] * count
        return ids

    def text_of(self, ids: Sequence[int]) -> str:
        """Text of written ids, without special tokens."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))


def chat_text(prompt: Prompt) -> str:
    """The conversation in the form every Qwen2.5-VL checkpoint is trained on."""
    shown = "".join(f"{label}<|vision_start|>{IMAGE_PAD}<|vision_end|>" for label in prompt.labels)
    return (
        f"<|im_start|>system\n{prompt.system}{TURN_END}\n"
        f"<|im_start|>user\n{shown}{TURN_END}\n"
        "<|im_start|>assistant\n"
    )


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
        embeddings = model.model.get_image_features(pixels, grids).pooler_output
        # Copies: a piece of a batch would keep the whole batch in memory.
        encoded += [
            EncodedImage(its.clone(), image.grid)
            for its, image in zip(embeddings, some, strict=True)
        ]
    return encoded
