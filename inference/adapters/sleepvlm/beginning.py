"""What the windows of a night have in common: the prompt up to the first image, read once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from inference.adapters.sleepvlm.attention import WindowCache
from inference.adapters.sleepvlm.decoder import Decoder
from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.prompts import Prompt

_KEPT = 2
"""Prompts differ with the derivations of a night; two nights may be at work in turn."""


@dataclass(frozen=True)
class Beginning:
    """A window without its images.

    Parameters
    ----------
    cache : WindowCache
        The tokens before the first image, read.
    own_ids : (own,)
        The tokens from the first image on.
    is_image : bool (own,)
        Which of them stand for images.
    own_positions : (3, 1, own)
        Their positions in time, height and width.
    next_position : int
        Position of the first written token: behind the largest, not behind as many tokens.
    """

    cache: WindowCache
    own_ids: torch.Tensor
    is_image: torch.Tensor
    own_positions: torch.Tensor
    next_position: int

    @property
    def own(self) -> int:
        return len(self.own_ids)


class Beginnings:
    """The beginnings that were asked for last."""

    def __init__(self, decoder: Decoder, processor: WindowProcessor) -> None:
        self._decoder = decoder
        self._processor = processor
        self._kept: OrderedDict[str, Beginning] = OrderedDict()

    def of(self, prompt: Prompt, grids: Sequence[torch.Tensor]) -> Beginning:
        """The beginning of windows with this prompt and three images of these grids."""
        key = f"{prompt.sha256} {[grid.tolist() for grid in grids]}"
        if key not in self._kept:
            self._kept[key] = self._read(prompt, grids)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _read(self, prompt: Prompt, grids: Sequence[torch.Tensor]) -> Beginning:
        ids = torch.tensor([self._processor.window_ids(prompt, grids)])
        is_image = ids == self._processor.image_pad_id
        positions = self._decoder.positions(ids, is_image, torch.cat(list(grids)))
        ids, is_image = ids.to(self._decoder.device), is_image.to(self._decoder.device)
        shared = int(is_image[0].int().argmax())
        cache = WindowCache(rows=1, capacity=shared)
        self._decoder.read(self._decoder.embed(ids[:, :shared]), positions[:, :, :shared], cache)
        cache.length = shared
        return Beginning(
            cache=cache,
            own_ids=ids[0, shared:],
            is_image=is_image[0, shared:],
            own_positions=positions[:, :, shared:],
            next_position=int(positions.max()) + 1,
        )
