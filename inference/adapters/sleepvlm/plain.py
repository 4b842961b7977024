"""The plain way, window by window with the library's own ``generate``.

Speed and sameness of the writer are measured against it, in tests and in benchmarks/prescore.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers import GenerationConfig
from transformers.modeling_outputs import BaseModelOutputWithPooling

from inference.adapters.sleepvlm.processor import ImagePatches, WindowProcessor
from inference.adapters.sleepvlm.vision import EncodedImage
from inference.prompts import Prompt


class PlainWriter:
    """Generates one reply at a time; the arguments are those of ``Writer``."""

    def __init__(
        self, model: Any, processor: WindowProcessor, *, max_new_tokens: int, end_id: int | None
    ) -> None:
        self._model = model
        self._processor = processor
        # A checkpoint may bring penalties and sampling of its own: greedy means without.
        self._config = GenerationConfig(
            do_sample=False,
            repetition_penalty=1.0,
            max_new_tokens=max_new_tokens,
            eos_token_id=[] if end_id is None else [end_id],
            pad_token_id=processor.turn_end_id,
        )

    def write(self, prompt: Prompt, window: Sequence[ImagePatches]) -> list[int]:
        """Encode three images, read the prompt, and write the ids of one reply."""
        return self._generate(
            prompt,
            [image.grid for image in window],
            pixel_values=torch.cat([image.pixels for image in window]).to(self._model.device),
        )

    def write_encoded(self, prompt: Prompt, window: Sequence[EncodedImage]) -> list[int]:
        """The same with images that were encoded before."""
        each: Any = [image.embedding for image in window]  # one an image, as the model gives them
        encoded = BaseModelOutputWithPooling(pooler_output=each)
        return self._generate(
            prompt, [image.grid for image in window], mm_encoder_outputs={"image": encoded}
        )

    def _generate(self, prompt: Prompt, grids: Sequence[torch.Tensor], **images: Any) -> list[int]:
        ids = torch.tensor([self._processor.window_ids(prompt, grids)], device=self._model.device)
        self._model.set_attn_implementation("sdpa")
        with torch.inference_mode():
            written = self._model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                mm_token_type_ids=(ids == self._processor.image_pad_id).int(),
                image_grid_thw=torch.cat(list(grids)).to(self._model.device),
                generation_config=self._config,
                **images,
            )
        new: list[int] = written[0, ids.shape[1] :].tolist()
        return [token for token in new if token not in self._config.eos_token_id]
