"""Convert prompt and images to the tensors of Qwen2.5-VL, and images to embeddings.

The processor of the library also prepares videos and needs torchvision. This processor prepares
images only, with the tokenizer of the checkpoint and the image processor for PIL.
"""

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
"""Limits of the released checkpoint in training; 448 x 224 pixels need no scaling."""


@dataclass(frozen=True)
class ImagePatches:
    """An image cut into patches: (n_patches, patch_size) float32, and its grid (1, 3)."""

    pixels: torch.Tensor
    grid: torch.Tensor


class WindowProcessor:
    """Tokenizer and image processor of a checkpoint."""

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
        """Cut an image (height, width, 3) into the patches of the vision tower.

        For an image that needs no scaling, normalised levels are looked up in a table. The values
        are identical to those of the image processor, but need a fraction of the time.
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
        """Return the normalised value of each level of each colour channel, (3, 256)."""
        levels = np.broadcast_to(np.arange(256, dtype=np.uint8), (3, 1, 256))
        scaled = self._images.rescale(levels, self._images.rescale_factor)
        normalised = self._images.normalize(scaled, self._images.image_mean, self._images.image_std)
        return np.asarray(normalised, dtype=np.float32)[:, 0]

    def save_images(self, folder: Path) -> None:
        """Save the settings of the image processor in the folder of a checkpoint."""
        self._images.save_pretrained(folder)

    def window_ids(self, prompt: Prompt, grids: Sequence[torch.Tensor]) -> list[int]:
        """Return the token ids of a window: system text, labelled images, turn of the model."""
        merge = self._images.merge_size**2
        counts = [int(grid.prod()) // merge for grid in grids]
        ids: list[int] = []
        for count, piece in zip([*counts, 0], chat_text(prompt).split(IMAGE_PAD), strict=True):
            ids += self.tokenizer.encode(piece, add_special_tokens=False)
            ids += [self.image_pad_id] * count
        return ids

    def text_of(self, ids: Sequence[int]) -> str:
        """Return the text of token ids, without special tokens."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))


def chat_text(prompt: Prompt) -> str:
    """Return the conversation in the chat format of Qwen2.5-VL."""
    shown = "".join(f"{label}<|vision_start|>{IMAGE_PAD}<|vision_end|>" for label in prompt.labels)
    return (
        f"<|im_start|>system\n{prompt.system}{TURN_END}\n"
        f"<|im_start|>user\n{shown}{TURN_END}\n"
        "<|im_start|>assistant\n"
    )


_AT_ONCE = 8
"""Images encoded together; a larger number is not faster and needs more memory."""


@dataclass(frozen=True)
class EncodedImage:
    """Embedding of an image: (tokens, hidden), and its grid (1, 3)."""

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
        # Copies, because a view would keep the whole batch in memory.
        encoded += [
            EncodedImage(its.clone(), image.grid)
            for its, image in zip(embeddings, some, strict=True)
        ]
    return encoded
