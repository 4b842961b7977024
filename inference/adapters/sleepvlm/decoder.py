"""The language model: attention over a shared prompt and many windows.

All windows of a night begin with the same prompt at the same positions, so its keys and values are
stored once and read once for the whole batch. The tokens after the prompt have a block for each
layer, allocated at full length: a cache that grows by concatenation is copied for every token.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from inference.adapters.sleepvlm.processor import WindowProcessor
from inference.prompts import Prompt

NAME = "shared_prefix"


class WindowCache:
    """Keys and values of a batch of windows, after those of their shared beginning.

    Parameters
    ----------
    rows : int
        Windows in the batch.
    capacity : int
        Maximum tokens of a row, without the shared beginning.
    prefix : WindowCache, optional
        The shared beginning, with a single row.
    """

    def __init__(self, *, rows: int, capacity: int, prefix: WindowCache | None = None) -> None:
        self.length = 0
        self.prefix = prefix
        self.part = slice(0, rows)
        """Rows to which the next tokens are written."""
        self._rows = rows
        self._capacity = capacity
        self._blocks: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    @property
    def prefix_length(self) -> int:
        return self.prefix.length if self.prefix else 0

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write (part, heads, new, head_dim) after ``length``; return all up to their end.

        The model calls this once per layer. The caller of the model updates ``length``.
        """
        if layer not in self._blocks:
            shape = (self._rows, keys.shape[1], self._capacity, keys.shape[3])
            self._blocks[layer] = keys.new_empty(shape), values.new_empty(shape)
        end = self.length + keys.shape[2]
        kept_keys, kept_values = self._blocks[layer]
        kept_keys[self.part, :, self.length : end] = keys
        kept_values[self.part, :, self.length : end] = values
        return kept_keys[self.part, :, :end], kept_values[self.part, :, :end]

    def of_layer(self, layer: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the keys and values of a layer, (rows, heads, length, head_dim)."""
        keys, values = self._blocks[layer]
        return keys[: self._rows, :, : self.length], values[: self._rows, :, : self.length]

    def keep(self, rows: Sequence[int]) -> None:
        """Continue with some of the rows, in this order."""
        for keys, values in self._blocks.values():
            for block in (keys, values):
                block[: len(rows), :, : self.length] = block[list(rows), :, : self.length]
        self._rows = len(rows)
        self.part = slice(0, len(rows))


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float,
    windows: WindowCache,
    visible: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """Attend from new tokens to the shared beginning and to their own window.

    Parameters
    ----------
    query : (rows, query_heads, new, head_dim)
    key, value : (rows, heads, own, head_dim)
        Keys and values of the window itself, with the new tokens at the end.
    windows : WindowCache
        Contains the shared beginning.
    visible : bool, broadcast to (rows, query_heads, new, prefix + own), optional
        Tokens that each new token may attend to; default: all, for a single token per row.
    """
    groups = query.shape[1] // key.shape[1]
    if windows.prefix is None:
        key, value = (tensor.repeat_interleave(groups, dim=1) for tensor in (key, value))
        causal = visible is None and query.shape[2] > 1
        attended = scaled_dot_product_attention(
            query, key, value, attn_mask=visible, is_causal=causal, scale=scaling
        )
        return attended.transpose(1, 2).contiguous(), None
    layer: Any = module.layer_idx
    shared = windows.prefix.of_layer(layer)
    if visible is None:
        return _one_token(query * scaling, key, value, *shared), None
    key, value = (
        torch.cat([before.expand(len(own), -1, -1, -1), own], dim=2)
        for before, own in zip(shared, (key, value), strict=True)
    )
    key, value = (tensor.repeat_interleave(groups, dim=1) for tensor in (key, value))
    attended = scaled_dot_product_attention(query, key, value, attn_mask=visible, scale=scaling)
    return attended.transpose(1, 2).contiguous(), None


def _one_token(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    shared_key: torch.Tensor,
    shared_value: torch.Tensor,
) -> torch.Tensor:
    """Attend from a single token per row, with a common softmax over shared and own keys.

    The queries of all rows are combined, so that a single large matrix product with the shared keys
    replaces many small products. Softmax is computed in float32.
    """
    rows, query_heads, _, dim = query.shape
    heads = key.shape[1]
    groups = query_heads // heads
    own_query = query.reshape(rows, heads, groups, dim)
    side_by_side = own_query.transpose(0, 1).reshape(heads, rows * groups, dim)
    to_shared = side_by_side @ shared_key[0].transpose(1, 2)
    to_shared = to_shared.view(heads, rows, groups, -1).transpose(0, 1)
    scores = torch.cat([to_shared, own_query @ key.transpose(2, 3)], dim=-1)
    weights = torch.softmax(scores, dim=-1, dtype=torch.float32).to(query.dtype)
    of_shared, of_own = weights.split([shared_key.shape[2], key.shape[2]], dim=-1)
    of_shared = of_shared.transpose(0, 1).reshape(heads, rows * groups, -1)
    attended = (of_shared @ shared_value[0]).view(heads, rows, groups, dim).transpose(0, 1)
    return (attended + of_own @ value).reshape(rows, 1, query_heads, dim)


AttentionInterface.register(NAME, attend)


class Decoder:
    """Embeds tokens, reads them after a cache, and returns the logits of the next token.

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
        """Set the attention of this module; calls of the library set theirs in the same way."""
        self._model.set_attn_implementation({"text_config": NAME})

    def positions(
        self, ids: torch.Tensor, is_image: torch.Tensor, grids: torch.Tensor
    ) -> torch.Tensor:
        """Return the positions of a window, (3, 1, tokens), in time, height and width."""
        positions, _ = self._model.model.get_rope_index(
            ids, mm_token_type_ids=is_image.int(), image_grid_thw=grids
        )
        placed: torch.Tensor = positions.to(self.device)
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
        """Return the last hidden states, (rows, new, hidden); store keys and values in the cache.

        Parameters
        ----------
        embedded : (rows, new, hidden)
        positions : (3, rows, new)
        cache : WindowCache
            The caller updates its length.
        visible : bool tensor, optional
            As in ``attend``.
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
        """Return the logits of the next token, (..., vocabulary)."""
        scores: torch.Tensor = self._model.lm_head(states)
        return scores


_KEPT = 2
"""Prompts depend on the derivations of a night; two nights may be scored in turn."""


@dataclass(frozen=True)
class Beginning:
    """A window without its images.

    Parameters
    ----------
    cache : WindowCache
        The tokens before the first image, already read.
    own_ids : (own,)
        The tokens from the first image to the end of the prompt.
    is_image : bool (own,)
        Which of them stand for images.
    own_positions : (3, 1, own)
        Their positions in time, height and width.
    next_position : int
        Position of the first written token: the largest position plus 1. It differs from the
        number of tokens, since the tokens of an image share positions.
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
    """Cache of the beginnings that were used last."""

    def __init__(self, decoder: Decoder, processor: WindowProcessor) -> None:
        self._decoder = decoder
        self._processor = processor
        self._kept: OrderedDict[str, Beginning] = OrderedDict()

    def of(self, prompt: Prompt, grids: Sequence[torch.Tensor]) -> Beginning:
        """Return the beginning of windows with this prompt and three images of these grids."""
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
