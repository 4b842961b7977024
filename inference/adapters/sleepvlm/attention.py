"""Attention over one shared beginning and many windows, and the memory behind it.

All windows of a night begin with the same prompt at the same positions, so its keys and values are
held once and read once for the whole batch. What follows it has a block of its own for each layer,
reserved at its full length: a cache that grows by concatenation copies itself for every token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

NAME = "shared_prefix"


class WindowCache:
    """Keys and values of a batch of windows, behind those of their shared beginning.

    Parameters
    ----------
    rows : int
        Windows in the batch.
    capacity : int
        Tokens a row may hold, the shared beginning not counted.
    prefix : WindowCache, optional
        The shared beginning, one row.
    """

    def __init__(self, *, rows: int, capacity: int, prefix: WindowCache | None = None) -> None:
        self.length = 0
        self.prefix = prefix
        self.part = slice(0, rows)
        """Rows the next tokens are written to."""
        self._rows = rows
        self._capacity = capacity
        self._blocks: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}

    @property
    def prefix_length(self) -> int:
        return self.prefix.length if self.prefix else 0

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write (part, heads, new, head_dim) after ``length``; give all up to their end.

        The model calls this once a layer. The length stays: whoever called the model moves it.
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
        """Keys and values of a layer so far, (rows, heads, length, head_dim)."""
        keys, values = self._blocks[layer]
        return keys[: self._rows, :, : self.length], values[: self._rows, :, : self.length]

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with some of the rows, in this order."""
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
        The window's own, the new tokens at the end.
    windows : WindowCache
        Brings the shared beginning.
    visible : bool, broadcast to (rows, query_heads, new, prefix + own), optional
        What each new token may look at; left out, everything: right for one token a row.
    """
    groups = query.shape[1] // key.shape[1]
    if windows.prefix is None:
        key, value = (tensor.repeat_interleave(groups, dim=1) for tensor in (key, value))
        causal = visible is None and query.shape[2] > 1
        found = scaled_dot_product_attention(
            query, key, value, attn_mask=visible, is_causal=causal, scale=scaling
        )
        return found.transpose(1, 2).contiguous(), None
    layer: Any = module.layer_idx
    shared = windows.prefix.of_layer(layer)
    if visible is None:
        return _one_token(query * scaling, key, value, *shared), None
    key, value = (
        torch.cat([before.expand(len(own), -1, -1, -1), own], dim=2)
        for before, own in zip(shared, (key, value), strict=True)
    )
    key, value = (tensor.repeat_interleave(groups, dim=1) for tensor in (key, value))
    found = scaled_dot_product_attention(query, key, value, attn_mask=visible, scale=scaling)
    return found.transpose(1, 2).contiguous(), None


def _one_token(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    shared_key: torch.Tensor,
    shared_value: torch.Tensor,
) -> torch.Tensor:
    """Attend from one token a row: one softmax over both parts, the shared one read once.

    The rows stand side by side as queries of the shared keys, which makes of many small products
    with the same matrix a single large one. Softmax is taken in float32.
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
    found = (of_shared @ shared_value[0]).view(heads, rows, groups, dim).transpose(0, 1)
    return (found + of_own @ value).reshape(rows, 1, query_heads, dim)


AttentionInterface.register(NAME, attend)
