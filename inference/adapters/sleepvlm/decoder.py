"""The language half of the model, told every position and every place to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from inference.adapters.sleepvlm import attention
from inference.adapters.sleepvlm.attention import WindowCache


class Decoder:
    """Embeds tokens, reads them behind a cache, and gives the logits of what follows.

    Parameters
    ----------
    model : Qwen2_5_VLForConditionalGeneration
        On its device, in eval mode.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self.vocabulary_size: int = model.lm_head.out_features

    @property
    def device(self) -> torch.device:
        device: torch.device = self._model.device
        return device

    def tensor(self, values: Sequence[Any]) -> torch.Tensor:
        return torch.tensor(values, device=self.device)

    def take_over(self) -> None:
        """Put this package's attention in; the library's own calls put theirs in likewise."""
        self._model.set_attn_implementation({"text_config": attention.NAME})

    def positions(
        self, ids: torch.Tensor, is_image: torch.Tensor, grids: torch.Tensor
    ) -> torch.Tensor:
        """Positions of a window, (3, 1, tokens): those of an image spread in height and width."""
        found, _ = self._model.model.get_rope_index(
            ids, mm_token_type_ids=is_image.int(), image_grid_thw=grids
        )
        placed: torch.Tensor = found.to(self.device)
        return placed

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        """Embed (rows, tokens) as (rows, tokens, hidden)."""
        embedded: torch.Tensor = self._model.get_input_embeddings()(ids)
        return embedded

    def read(
        self,
        embedded: torch.Tensor,
        positions: torch.Tensor,
        cache: WindowCache,
        visible: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Last hidden states, (rows, new, hidden); keys and values go into the cache.

        Parameters
        ----------
        embedded : (rows, new, hidden)
        positions : (3, rows, new)
        cache : WindowCache
            Its length is the caller's to move.
        visible : bool tensor, optional
            As ``attention.attend`` takes it.
        """
        states: torch.Tensor = self._model.model.language_model(
            inputs_embeds=embedded,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            windows=cache,
            visible=visible,
        ).last_hidden_state
        return states

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        """Scores of every token to follow, (..., vocabulary)."""
        scores: torch.Tensor = self._model.lm_head(states)
        return scores
